"""`response_url`: where an app may answer what a user did, five times."""

from dataclasses import dataclass
from typing import Any

from kamflow.demo.slack.blocks import problems
from kamflow.demo.slack.workspace import Payload, SlackError, Workspace

MOST_ANSWERS = 5


@dataclass(slots=True)
class _Expected:
    channel: str
    user: str
    ts: str | None
    left: int = MOST_ANSWERS


class Replies:
    """The addresses that were handed out."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._expected: dict[str, _Expected] = {}

    def expect(self, channel: str, user: str, ts: str | None) -> str:
        """The number of a new address."""
        number = f"{len(self._expected) + 1}-demo"
        self._expected[number] = _Expected(channel, user, ts)
        return number

    def answer(self, number: str, said: Payload) -> None:
        """Take an answer.

        Raises:
            SlackError: no such address, or it was used too often.
        """
        known = self._expected.get(number)
        if known is None:
            raise SlackError("no_active_hooks")
        if not known.left:
            raise SlackError("used_url")
        known.left -= 1
        self.said(known.channel, known.user, known.ts, said)

    def said(self, channel: str, user: str, ts: str | None, said: Payload) -> None:
        """Show an answer: to everybody, to the user alone, or in place of what was clicked on."""
        blocks: list[Any] = said.get("blocks") or []
        if found := problems(blocks):
            raise SlackError("invalid_blocks", messages=found)
        text = str(said.get("text") or "")
        if said.get("replace_original") and ts is not None:
            for post in (*self._workspace.in_conversation(channel), *self._workspace.whispers):
                if post.ts == ts:
                    post.text, post.blocks = text, blocks
        elif said.get("response_type") == "in_channel":
            self._workspace.add(self._workspace.conversation(channel), text, blocks, None)
        elif text or blocks:
            self._workspace.whisper(channel, user, text, blocks)

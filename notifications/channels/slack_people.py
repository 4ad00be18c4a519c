"""Where people are reached on Slack, looked up once and remembered; also who is not there."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kamflow.errors import Permanent
from notifications.channels import slack_answers as answers
from notifications.channels.slack_calls import Calls
from notifications.message import SlackPost

# People change their address in Slack; after that long they are looked up again.
CACHED_FOR = timedelta(hours=12)
# Who is not there is soon asked for again: a colleague who is new has only just been invited.
MISSED_FOR = timedelta(minutes=15)


@dataclass(slots=True)
class _Known:
    """What is known of one person until a moment: the conversation, or Slack's word that there is none."""

    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    until: datetime | None = None
    conversation: str = ""
    refusal: str = ""


class People:
    """The conversations with people, by their id or address."""

    def __init__(self, calls: Calls, now: Callable[[], datetime]) -> None:
        self._calls = calls
        self._now = now
        self._known: dict[str, _Known] = {}

    async def conversation(self, post: SlackPost) -> str:
        """The id of the conversation to post into.

        Raises:
            Temporary, Permanent: the look-up failed; there is no such person.
        """
        if post.slack_id and not post.slack_id.startswith(("U", "W")):
            return post.slack_id
        known = self._known.setdefault(_key(post), _Known())
        async with known.line:  # several posts to one person ask once
            if known.until is None or self._now() >= known.until:
                await self._look_up(post, known)
        if known.refusal:
            raise answers.nobody("the look-up", known.refusal)
        return known.conversation

    def forget(self, post: SlackPost) -> None:
        """What was known of this person is wrong."""
        self._known.pop(_key(post), None)

    async def _look_up(self, post: SlackPost, known: _Known) -> None:
        try:
            known.conversation, known.refusal = await self._opened(post), ""
            known.until = self._now() + CACHED_FOR
        except Permanent as error:
            if error.cause not in answers.NOBODY:
                raise
            known.refusal, known.until = error.cause, self._now() + MISSED_FOR

    async def _opened(self, post: SlackPost) -> str:
        user = post.slack_id
        if user is None:
            found = await self._calls.call("users.lookupByEmail", {"email": post.to_email}, form=True)
            user = str(found["user"]["id"])
        opened = await self._calls.call("conversations.open", {"users": user})
        return str(opened["channel"]["id"])


def _key(post: SlackPost) -> str:
    return post.slack_id or (post.to_email or "").lower()

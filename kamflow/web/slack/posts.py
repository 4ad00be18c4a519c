"""Posts that change in place: the row of a nudge becomes the line that says who did what, when.

What a click says of its post may be older than the click before it: every line of a post is remembered
and written again with the next one, one update of a post at a time.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from kamflow.web.slack.failures import FAILURES, named
from notifications.render.slack_actions import settled

log = structlog.get_logger()
MOST_POSTS = 500


@dataclass
class Seen:
    """A post as it was clicked on last, with the lines that stand in it by now."""

    message: dict[str, Any] | None = None
    lines: dict[int, str] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Posts:
    """The posts that were clicked on lately."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._seen: OrderedDict[tuple[str, str], Seen] = OrderedDict()

    def saw(self, channel: str, ts: str, message: dict[str, Any]) -> None:
        """Remember a post: a modal that is sent later does not carry it."""
        self._post(channel, ts).message = message

    def line(self, channel: str, ts: str, nudge: int) -> str | None:
        """What stands in the place of a nudge's row by now."""
        seen = self._seen.get((channel, ts))
        return seen.lines.get(nudge) if seen else None

    async def mark(self, channel: str, ts: str, nudge: int, line: str) -> None:
        """Put a line in the place of a nudge's row."""
        seen = self._post(channel, ts)
        async with seen.lock:
            seen.lines[nudge] = line
            if seen.message is None:
                seen.message = await self._looked_up(channel, ts)
            if seen.message is None:
                return
            message = seen.message
            message["blocks"] = settled(message.get("blocks") or [], seen.lines)
            more = {"metadata": message["metadata"]} if message.get("metadata") else {}
            try:
                await self._client.chat_update(
                    channel=channel,
                    ts=ts,
                    text=message.get("text", ""),
                    blocks=message["blocks"],
                    **more,
                )
            except FAILURES as error:
                # What was done is done; the post only does not show it.
                log.warning("slack.not_updated", nudge=nudge, error=named(error))

    async def _looked_up(self, channel: str, ts: str) -> dict[str, Any] | None:
        try:
            said = await self._client.conversations_history(
                channel=channel, oldest=ts, latest=ts, inclusive=True, limit=1, include_all_metadata=True
            )
        except FAILURES as error:
            log.warning("slack.not_found", error=named(error))
            return None
        return next(iter(said.get("messages") or ()), None)

    def _post(self, channel: str, ts: str) -> Seen:
        seen = self._seen.setdefault((channel, ts), Seen())
        self._seen.move_to_end((channel, ts))
        while len(self._seen) > MOST_POSTS:
            self._seen.popitem(last=False)
        return seen

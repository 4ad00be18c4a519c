"""Direct messages on Slack: found by e-mail address, posted once, every refusal with its cause.

The outbox owns all retries. A post whose answer was lost is `Ambiguous`: `find` looks in the conversation's
history for the message id its metadata carries. slack_answers says what each of Slack's words means,
slack_pace keeps its limits.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from kamflow.errors import ConfigError, Permanent, Temporary
from kamflow.outward import Way
from kamflow.settings import Slack
from notifications.channels.slack_answers import NOBODY, POST, UPDATE
from notifications.channels.slack_calls import Calls
from notifications.channels.slack_pace import Pace
from notifications.channels.slack_people import People
from notifications.message import Receipt, SlackPost

EVENT_TYPE = "kamflow_message"
HISTORY = "conversations.history"
HISTORY_PAGE = 200
HISTORY_PAGES = 50
# A post is looked for from before its message was made: our clock and Slack's may differ by as much.
LOOKED_BACK = timedelta(days=2)
DIRECT = Way()


class SlackChannel:
    """Posts with the token of the settings.

    Raises:
        ConfigError: there is no token.
    """

    def __init__(
        self, settings: Slack, now: Callable[[], datetime], way: Way = DIRECT, pace: Pace | None = None
    ) -> None:
        if settings.token is None:
            raise ConfigError("slack.token is missing: set KAMFLOW_SLACK__TOKEN")
        self._calls = Calls(settings, settings.token.get_secret_value(), way, pace or Pace())
        self._people = People(self._calls, now)

    async def send(self, post: SlackPost) -> Receipt:
        """Post, as soon as Slack's limits allow; return when Slack has confirmed it.

        Raises:
            Temporary, Permanent, Ambiguous: it did not; `cause` is one of those of slack_answers.
        """
        if post.replaces is not None:
            return await self._update(post, *post.replaces.split("/", 1))
        channel = await self._people.conversation(post)
        message = {
            "channel": channel,
            "text": post.text,
            "blocks": list(post.blocks),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"message_id": post.message_id}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            answer = await self._calls.call(POST, message, conversation=channel)
        except Permanent as error:
            if error.cause in NOBODY:
                self._people.forget(post)
            raise
        return _receipt(post, channel, str(answer["ts"]))

    async def _update(self, post: SlackPost, channel: str, ts: str) -> Receipt:
        """Put it in place of an earlier post; done twice it is the same."""
        changed = {"channel": channel, "ts": ts, "text": post.text, "blocks": list(post.blocks)}
        await self._calls.call(UPDATE, changed)
        return Receipt("slack", channel, f"{channel}/{ts}")

    async def find(self, post: SlackPost) -> Receipt | None:
        """Look for a post whose answer was lost; None: it never arrived.

        Raises:
            Temporary, Permanent: the look-up itself failed.
        """
        if post.replaces is not None:
            return None
        channel = await self._people.conversation(post)
        page = {"channel": channel, "include_all_metadata": "true", "limit": str(HISTORY_PAGE)}
        if post.since is not None:
            page["oldest"] = f"{(post.since - LOOKED_BACK).timestamp():.6f}"
        for _ in range(HISTORY_PAGES):
            answer = await self._calls.call(HISTORY, page, form=True)
            for message in answer.get("messages", ()):
                if _message_id(message) == post.message_id:
                    return _receipt(post, channel, str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            page["cursor"] = cursor
        raise Temporary("more posts in the conversation than are looked through", cause="history-too-long")

    async def close(self) -> None:
        """Close the connections to Slack."""
        await self._calls.close()


def _message_id(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("message_id")


def _receipt(post: SlackPost, channel: str, ts: str) -> Receipt:
    return Receipt("slack", post.to_email or post.slack_id or "", f"{channel}/{ts}")

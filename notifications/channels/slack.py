"""Direct messages on Slack: found by e-mail address, posted once, every refusal with its cause.

The outbox owns all retries, so the SDK has no retry handler. A post whose answer was lost is
`Ambiguous`: `find` looks in the conversation's history for the message id its metadata carries.
Causes: ratelimited, slack-auth, slack-unreachable, slack-failed (temporary); lost-answer (ambiguous);
for a permanent refusal Slack's own word, such as users_not_found, invalid_blocks or msg_too_long.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from kamflow.errors import Ambiguous, ConfigError, DeliveryError, Permanent, Temporary
from kamflow.outward import Way
from kamflow.settings import Slack
from notifications.message import Receipt, SlackPost

EVENT_TYPE = "kamflow_message"
# People change their address in Slack; after that long they are looked up again.
CACHED_FOR = timedelta(hours=12)
HISTORY_PAGE = 200
HISTORY_PAGES = 10
POST, UPDATE = "chat.postMessage", "chat.update"
DIRECT = Way()

# A setting or a permission is wrong: keep the messages until it is mended.
_AUTH = {
    "access_denied",
    "accesslimited",
    "enterprise_is_restricted",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
}
# Slack is in trouble. With the first two "some aspect of the operation" may have succeeded.
_MAY_HAVE_WORKED = {"fatal_error", "internal_error"}
_TROUBLE = {"service_unavailable", "request_timeout", "team_added_to_org"}
_RATE = {"ratelimited", "rate_limited", "message_limit_exceeded"}
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)


class SlackChannel:
    """Posts with the token of the settings.

    Raises:
        ConfigError: there is no token.
    """

    def __init__(self, settings: Slack, now: Callable[[], datetime], way: Way = DIRECT) -> None:
        if settings.token is None:
            raise ConfigError("slack.token is missing: set KAMFLOW_SLACK__TOKEN")
        self._settings = settings
        self._token = settings.token.get_secret_value()
        self._now = now
        self._way = way
        self._client: AsyncWebClient | None = None
        self._conversations: dict[str, tuple[str, datetime]] = {}

    async def send(self, post: SlackPost) -> Receipt:
        """Post; return when Slack has confirmed it.

        Raises:
            Temporary, Permanent, Ambiguous: it did not; `cause` is one of the words above.
        """
        if post.replaces is not None:
            return await self._update(post, *post.replaces.split("/", 1))
        channel = await self._conversation(post)
        message = {
            "channel": channel,
            "text": post.text,
            "blocks": list(post.blocks),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"message_id": post.message_id}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            answer = await self._call(POST, message)
        except Permanent:
            self._conversations.pop(_key(post), None)
            raise
        return _receipt(post, channel, str(answer["ts"]))

    async def _update(self, post: SlackPost, channel: str, ts: str) -> Receipt:
        """Put it in place of an earlier post; done twice it is the same."""
        changed = {"channel": channel, "ts": ts, "text": post.text, "blocks": list(post.blocks)}
        await self._call(UPDATE, changed)
        return Receipt("slack", channel, f"{channel}/{ts}")

    async def find(self, post: SlackPost) -> Receipt | None:
        """Look for a post whose answer was lost; None: it never arrived.

        Raises:
            Temporary, Permanent: the look-up itself failed.
        """
        if post.replaces is not None:
            return None
        channel = await self._conversation(post)
        page = {"channel": channel, "include_all_metadata": "true", "limit": str(HISTORY_PAGE)}
        for _ in range(HISTORY_PAGES):
            answer = await self._call("conversations.history", page, form=True)
            for message in answer.get("messages", ()):
                if _message_id(message) == post.message_id:
                    return _receipt(post, channel, str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
            page["cursor"] = cursor
        return None

    async def close(self) -> None:
        """Close the connections to Slack."""
        if self._client is not None and self._client.session is not None:
            await self._client.session.close()
        self._client = None

    async def _conversation(self, post: SlackPost) -> str:
        """The id of the conversation to post into, looked up once and remembered."""
        if post.slack_id and not post.slack_id.startswith(("U", "W")):
            return post.slack_id
        channel, until = self._conversations.get(_key(post), ("", self._now()))
        if self._now() < until:
            return channel
        user = post.slack_id
        if user is None:
            found = await self._call("users.lookupByEmail", {"email": post.to_email}, form=True)
            user = str(found["user"]["id"])
        opened = await self._call("conversations.open", {"users": user})
        channel = str(opened["channel"]["id"])
        self._conversations[_key(post)] = channel, self._now() + CACHED_FOR
        return channel

    async def _call(self, method: str, payload: Mapping[str, Any], *, form: bool = False) -> dict[str, Any]:
        # Always in the body: an address in a URL ends up in the logs of proxies. Methods that only read
        # take no JSON.
        body: dict[str, Any] = {"data" if form else "json": dict(payload)}
        try:
            answer = await self._connected().api_call(method, **body)
        except SlackApiError as error:
            raise _refused(method, error.response) from error
        except _NOT_SENT as error:
            raise Temporary(f"Slack cannot be reached: {error}", cause="slack-unreachable") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _lost(method, f"no answer ({type(error).__name__})") from error
        except (AttributeError, ValueError) as error:
            # The SDK stumbles over a body that is no JSON object.
            raise _lost(method, "an answer that is not Slack's") from error
        data = answer.data
        assert isinstance(data, dict)  # noqa: S101 - what `validate` of the SDK has made sure
        return data

    def _connected(self) -> AsyncWebClient:
        # Not in the constructor: a session belongs to the running loop.
        if self._client is None:
            seconds = self._settings.timeout
            timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=seconds / 2)
            quiet = logging.getLogger("kamflow.slack_sdk")
            quiet.setLevel(logging.WARNING)  # at DEBUG the SDK logs whole messages
            self._client = AsyncWebClient(
                token=self._token,
                base_url=self._settings.api_url,
                ssl=self._way.tls(),
                session=aiohttp.ClientSession(timeout=timeout),
                retry_handlers=[],
                logger=quiet,
            )
            # Not in the constructor: there None means HTTPS_PROXY, whatever NO_PROXY says.
            self._client.proxy = self._way.proxy_to(self._settings.api_url)
        return self._client


def _refused(method: str, response: Any) -> DeliveryError:
    """What Slack's refusal means for the outbox. `response` is the SDK's, or aiohttp's for a broken body."""
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    error = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == 429 or error in _RATE:
        return Temporary("Slack asks for patience", cause="ratelimited", retry_after=_retry_after(response))
    if not error or error in _MAY_HAVE_WORKED:
        return _lost(method, error or f"HTTP {status} without an answer of Slack's")
    if error in _AUTH:
        message = f"Slack refused {method}: {error}; check KAMFLOW_SLACK__TOKEN and the app's permissions"
        return Temporary(message, cause="slack-auth")
    if error in _TROUBLE:
        return Temporary(f"Slack refused {method}: {error}", cause="slack-failed")
    details = "; ".join((data or {}).get("response_metadata", {}).get("messages", ())[:3])
    return Permanent(f"Slack refused {method}: {error} {details}".rstrip()[:500], cause=error)


def _lost(method: str, what: str) -> DeliveryError:
    if method == POST:
        return Ambiguous(f"{method}: {what}; it may have been posted", cause="lost-answer")
    return Temporary(f"{method}: {what}", cause="slack-failed")


def _retry_after(response: Any) -> float:
    try:
        return float(response.headers.get("Retry-After", 1))
    except ValueError:
        return 1.0


def _key(post: SlackPost) -> str:
    return post.slack_id or (post.to_email or "").lower()


def _message_id(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return (metadata.get("event_payload") or {}).get("message_id")


def _receipt(post: SlackPost, channel: str, ts: str) -> Receipt:
    return Receipt("slack", post.to_email or post.slack_id or "", f"{channel}/{ts}")

"""What Slack's answers mean for the outbox.

| cause | Slack's words, or what happened | outcome |
|---|---|---|
| `slack-auth` | `TOKEN`: the token or a permission | kept until it is mended; operations are told |
| `ratelimited` | `PATIENCE`, HTTP 429 | again after `Retry-After`, the whole workspace waits |
| `slack-failed` | `TROUBLE`; a look-up without an answer | again |
| `slack-unreachable` | no connection | again |
| `lost-answer` | `IN_DOUBT`, no answer to a post, or a strange page | looked up, then perhaps again |
| Slack's word | `NOBODY`: who, or the place, is not there for us | never again, but by mail |
| Slack's word | `OURS`: a post Slack does not take | likewise; logged as an error, for the fault is ours |
| Slack's word | any other | likewise |

By mail goes what a person gets who has an address; the rest stands failed with its cause.
Words that Slack documents for chat.postMessage, chat.update, conversations.open, conversations.history and
users.lookupByEmail. `account_inactive` says that the token's account is gone; where the token still opens
`auth.test` it can only be the person's, and counts as `NOBODY` (slack.py asks).
"""

import re
from math import inf
from typing import Any

import structlog

from kamflow.errors import Ambiguous, DeliveryError, Permanent, Temporary

POST, UPDATE = "chat.postMessage", "chat.update"
GONE = "account_inactive"

# A setting or a permission is wrong: keep the messages until it is mended.
TOKEN = frozenset({
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
})  # fmt: skip
# Slack is in trouble. With the first two "some aspect of the operation" may have succeeded.
IN_DOUBT = frozenset({"fatal_error", "internal_error"})
TROUBLE = frozenset({"service_unavailable", "request_timeout", "team_added_to_org"})
PATIENCE = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
NOBODY = frozenset({
    GONE,
    "cannot_dm_bot",
    "channel_not_found",
    "is_archived",
    "messages_tab_disabled",
    "not_in_channel",
    "user_disabled",
    "user_not_found",
    "user_not_visible",
    "users_not_found",
})  # fmt: skip
OURS = frozenset({
    "invalid_arguments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "metadata_too_large",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
})  # fmt: skip

_WORD = re.compile(r"[a-z0-9_.-]{1,80}", re.IGNORECASE)

log = structlog.get_logger()


def refused(method: str, response: Any) -> DeliveryError:
    """What Slack's refusal means. `response` is the SDK's, or aiohttp's for a broken body."""
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    error = str(data.get("error", "")) if isinstance(data, dict) else ""
    if not _WORD.fullmatch(error):
        error = ""  # no word of Slack's: a cause is kept and shown
    if status == 429 or error in PATIENCE:
        return Temporary("Slack asks for patience", cause="ratelimited", retry_after=_retry_after(response))
    if not error or error in IN_DOUBT:
        return lost(method, error or f"HTTP {status} without an answer of Slack's")
    if error in TOKEN:
        return token_refused(method, error)
    if error in TROUBLE:
        return Temporary(f"Slack refused {method}: {error}", cause="slack-failed")
    metadata = (data or {}).get("response_metadata") or {}
    details = "; ".join(map(str, metadata.get("messages", ())[:3]))
    if error in OURS:
        log.error("slack.post_refused", method=method, cause=error)
    return Permanent(f"Slack refused {method}: {error} {details}".rstrip()[:500], cause=error)


def token_refused(method: str, error: str) -> Temporary:
    """The token, or what the app may do, must be mended."""
    message = f"Slack refused {method}: {error}; check KAMFLOW_SLACK__TOKEN and the app's permissions"
    return Temporary(message, cause="slack-auth")


def nobody(method: str, error: str) -> Permanent:
    """Whom, or where to, Slack does not know."""
    return Permanent(f"Slack refused {method}: {error}", cause=error)


def lost(method: str, what: str) -> DeliveryError:
    """No answer: only a post may have done something that must not be done twice."""
    if method == POST:
        return Ambiguous(f"{method}: {what}; it may have been posted", cause="lost-answer")
    return Temporary(f"{method}: {what}", cause="slack-failed")


def _retry_after(response: Any) -> float:
    try:
        seconds = float(response.headers.get("Retry-After", 1))
    except ValueError:
        return 1.0
    return seconds if 0 <= seconds < inf else 1.0

"""What Slack is known to do to an app, by name: `server.rule = failing("lost answer")`.

`FAULTS` is the whole set. Each says at which methods it comes, what the app sees, and whether a post is made
nevertheless. Limits over time are no fault: `SlackServer(enforce_limits=True)`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from kamflow.demo.slack.outcome import Done, Outcome, Rule
from kamflow.demo.slack.workspace import Payload, SlackError

POST, HISTORY = "chat.postMessage", "conversations.history"
LOOK_UP, OPEN = "users.lookupByEmail", "conversations.open"
EVERY = (LOOK_UP, OPEN, POST, HISTORY)


@dataclass(frozen=True, slots=True)
class Fault:
    """`outcome` makes a new one for each call; `posted`: a post is made though the app does not hear so."""

    outcome: Callable[[], Outcome]
    methods: tuple[str, ...] = EVERY
    posted: bool = False


def _says(error: str, *methods: str, retry_after: int | None = None) -> Fault:
    return Fault(lambda: SlackError(error, retry_after=retry_after), methods or EVERY)


def _page(status: int, text: str, content_type: str, retry_after: str | None = None) -> web.Response:
    headers = {"Retry-After": retry_after} if retry_after else None
    return web.Response(status=status, text=text, content_type=content_type, headers=headers)


FAULTS: dict[str, Fault] = {
    # the person, or the place
    "users_not_found": _says("users_not_found", LOOK_UP),
    "user_not_found": _says("user_not_found", OPEN),
    "user_disabled": _says("user_disabled", OPEN),
    "account_inactive of the person": _says("account_inactive", OPEN, POST),
    "channel_not_found": _says("channel_not_found", POST, HISTORY),
    "not_in_channel": _says("not_in_channel", POST, HISTORY),
    "is_archived": _says("is_archived", POST),
    # the post
    "msg_too_long": _says("msg_too_long", POST),
    "msg_blocks_too_long": _says("msg_blocks_too_long", POST),
    "invalid_blocks": _says("invalid_blocks", POST),
    # the token
    "account_inactive": _says("account_inactive", "auth.test", *EVERY),
    "invalid_auth": _says("invalid_auth", "auth.test", *EVERY),
    "token_revoked": _says("token_revoked", "auth.test", *EVERY),
    "missing_scope": _says("missing_scope"),
    # too many calls; Slack's own, without the header, by a proxy
    "ratelimited": _says("ratelimited", retry_after=1),
    "ratelimited for long": _says("ratelimited", retry_after=90),
    "rate_limited": _says("rate_limited"),
    "429 of a proxy": Fault(lambda: _page(429, "slow down", "text/plain", "soon")),
    # Slack is in trouble
    "service_unavailable": _says("service_unavailable"),
    "internal_error": _says("internal_error"),
    "fatal_error": _says("fatal_error"),
    "internal_error after posting": Fault(lambda: Done(SlackError("internal_error")), (POST,), posted=True),
    "error page": Fault(lambda: _page(502, "<h1>Sorry</h1>", "text/html")),
    "error page after posting": Fault(
        lambda: Done(_page(504, "<h1>Sorry</h1>", "text/html")), (POST,), posted=True
    ),
    "page instead of an answer": Fault(lambda: _page(200, "<h1>Sign in</h1>", "text/html")),
    "text instead of an answer": Fault(lambda: _page(200, "Sorry", "text/plain")),
    "broken answer": Fault(lambda: _page(200, '{"ok": tr', "application/json")),
    "empty answer": Fault(lambda: _page(200, "", "application/json")),
    "list instead of an answer": Fault(lambda: _page(200, "[]", "application/json")),
    # the network
    "lost call": Fault(lambda: "drop"),
    "lost answer": Fault(lambda: "drop answer", posted=True),
    "hanging": Fault(lambda: "hang"),
    "hanging after posting": Fault(lambda: "hang answer", posted=True),
}


def failing(name: str, times: int | None = None, methods: Iterable[str] | None = None) -> Rule:
    """A rule that plays one fault, at its methods or at these, the first `times` times (None: always).

    Raises:
        KeyError: there is no such fault.
    """
    fault = FAULTS[name]
    at, left = frozenset(methods or fault.methods), [times]

    def rule(method: str, _: Payload) -> Outcome:
        if method not in at or left[0] == 0:
            return None
        if left[0] is not None:
            left[0] -= 1
        return fault.outcome()

    return rule


def in_turn(names: Iterable[str | None]) -> Rule:
    """A rule that plays these faults one after the other, each at the next call it fits; None: that call is
    left alone."""
    waiting = list(names)

    def rule(method: str, _: Payload) -> Outcome:
        if not waiting:
            return None
        if waiting[0] is not None and method not in FAULTS[waiting[0]].methods:
            return None
        name = waiting.pop(0)
        return FAULTS[name].outcome() if name is not None else None

    return rule

"""What holds for every answer of both listeners: its headers, how large a request may be, where a POST may
come from, how many requests one address may send; and that a fault of ours tells nobody anything.

No page needs a script, so none is allowed: what somebody smuggles into a text cannot run.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from traceback import extract_tb

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kamflow.web import limits
from kamflow.web.bounds import LARGEST, Measured, TooLarge, exceeded, largest
from kamflow.web.limits import Limits

__all__ = ("LARGEST", "Guard", "TooLarge")

SAFE = {"GET", "HEAD", "OPTIONS"}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
Refusal = Callable[[int, str, Mapping[str, str]], Response]
Pages = Callable[[Scope, str, int], Response]
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # A link in the address must not travel on. Not "no-referrer": then browsers would send our own forms
    # with "Origin: null", and without https there is nothing else to know them by.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}
ONLY_HTTPS = "max-age=31536000"
# Refusals that a reader may meet: the kind of page, by status.
WORDED = {403: "foreign", 413: "too_large", 429: "busy", 500: "trouble"}

log = structlog.get_logger()


class Guard:
    """ASGI middleware around a listener. `machines` are paths that other systems post to: they carry their
    own proof (a token, a signature) and come without an origin. `refusals` says, by the beginning of a
    path, how a refusal is worded there; `pages` makes the page of a refusal for all other paths."""

    def __init__(
        self,
        app: ASGIApp,
        listener: str,
        counted: Limits,
        base: str | None,
        machines: tuple[str, ...] = (),
        refusals: Mapping[str, Refusal] | None = None,
        pages: Pages | None = None,
    ) -> None:
        self._app = app
        self._listener = listener
        self._counted = counted
        self._base = base
        self._machines = machines
        self._refusals = refusals or {}
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        dressed = _Dressed(send, (self._base or "").startswith("https://"))
        refused = self._refused(scope)
        if refused is not None:
            await self._worded(scope, refused)(scope, receive, dressed)
            return
        try:
            await self._app(scope, Measured(receive, largest(scope["path"])), dressed)
        except Exception as error:  # noqa: BLE001 - its text may hold anything, so nobody gets to see it
            _log(scope, error)
            if not dressed.begun:
                fault = PlainTextResponse("this does not work at the moment", 500)
                await self._worded(scope, fault)(scope, receive, dressed)

    def _refused(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        client = (scope.get("client") or ("",))[0]
        if not self._counted.hit(limits.REQUESTS, f"{self._listener}-requests", client):
            return PlainTextResponse("too many requests: try again in a minute", 429, {"retry-after": "60"})
        too_much = exceeded(scope, headers)
        if too_much is not None:
            status, reason = too_much
            return PlainTextResponse(reason, status, {"allow": "GET, HEAD, POST"} if status == 405 else None)
        if scope["method"] in SAFE or scope["path"].startswith(self._machines):
            return None
        if not self._own(headers):
            return PlainTextResponse("this form was not sent from our own page: open it there", 403)
        return None

    def _worded(self, scope: Scope, refused: PlainTextResponse) -> Response:
        for beginning, refusal in self._refusals.items():
            if scope["path"].startswith(beginning):
                return refusal(refused.status_code, bytes(refused.body).decode(), refused.headers)
        kind = WORDED.get(refused.status_code)
        if kind is None or self._pages is None:
            return refused
        page = self._pages(scope, kind, refused.status_code)
        if "retry-after" in refused.headers:
            page.headers["retry-after"] = refused.headers["retry-after"]
        return page

    def _own(self, headers: Headers) -> bool:
        """Whether a POST comes from a page of ours; browsers say so in one of two headers."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = headers.get("origin")
        if origin is None or origin == "null":
            return False
        own = {f"http://{headers.get('host', '')}", f"https://{headers.get('host', '')}"}
        if self._base:
            own.add("/".join(self._base.split("/")[:3]))
        return origin in own


class _Dressed:
    """Sends an answer with the headers that all have; `begun`: its first bytes are on the way."""

    def __init__(self, send: Send, only_https: bool) -> None:
        self._send = send
        self._only_https = only_https
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._only_https:
                headers.setdefault("strict-transport-security", ONLY_HTTPS)
            # What a page shows is somebody's; only assets say otherwise.
            headers.setdefault("cache-control", "no-store")
        await self._send(message)


def _log(scope: Scope, error: Exception) -> None:
    """The kind of a fault and where it happened; not its text, nor the address with its token."""
    frames = extract_tb(error.__traceback__)
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else None
    route = getattr(scope.get("route"), "path", None)
    log.error("page.failed", error=type(error).__name__, at=at, route=route, method=scope["method"])

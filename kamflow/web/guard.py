"""What holds for every answer of both listeners: its headers, how large a request may be, where a POST may
come from, how many requests one address may send.

No page needs a script, so none is allowed: what somebody smuggles into a text cannot run.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kamflow.web import limits
from kamflow.web.limits import Limits

LARGEST = 64 * 1024  # bytes of a body; the largest form is a comment of a survey
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
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",  # a link in the address must not travel on
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "x-robots-tag": "noindex, nofollow",
}


class Guard:
    """ASGI middleware around a listener. `machines` are paths that other systems post to: they carry their
    own proof (a token, a signature) and come without an origin."""

    def __init__(
        self, app: ASGIApp, listener: str, counted: Limits, base: str | None, machines: tuple[str, ...] = ()
    ) -> None:
        self._app = app
        self._listener = listener
        self._counted = counted
        self._base = base
        self._machines = machines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, _dressed(send))
            return
        await self._app(scope, _Measured(receive), _dressed(send))

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        client = (scope.get("client") or ("",))[0]
        if not self._counted.hit(limits.REQUESTS, f"{self._listener}-requests", client):
            return PlainTextResponse("too many requests: try again in a minute", 429, {"retry-after": "60"})
        if not (headers.get("content-length") or "0").isdecimal():
            return PlainTextResponse("content-length: expected a number", 400)
        if int(headers.get("content-length") or 0) > LARGEST:
            return PlainTextResponse(f"larger than {LARGEST} bytes", 413)
        if scope["method"] in SAFE or scope["path"].startswith(self._machines):
            return None
        if not self._own(headers):
            return PlainTextResponse("this form was not sent from our own page: open it there", 403)
        return None

    def _own(self, headers: Headers) -> bool:
        """Whether a POST comes from a page of ours; browsers say so in one of two headers."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        origin = headers.get("origin")
        if origin is None or origin == "null":
            return False
        own = {f"http://{headers.get('host', '')}", f"https://{headers.get('host', '')}"}
        base = "/".join((self._base or "").split("/")[:3])
        return origin in own | {base}


class TooLarge(Exception):
    """A body without a length that does not end."""


class _Measured:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._got = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._got += len(message.get("body", b""))
        if self._got > LARGEST:
            raise TooLarge
        return message


def _dressed(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            # What a page shows is somebody's; only assets say otherwise.
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return with_headers

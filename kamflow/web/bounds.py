"""How much of a request is read, and for how long: its address, its headers, its body."""

import asyncio
from time import monotonic

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

LARGEST = 64 * 1024  # bytes of a body; the largest form is a comment of a survey
# What Slack sends with a click: the whole post, its characters encoded.
LARGEST_OF = {"/slack/": 1024 * 1024}
LONGEST_ADDRESS = 2048  # bytes of path and query
LARGEST_HEAD = 32 * 1024  # bytes of all headers
BODY_SECONDS = 20  # for the whole body: a form is small, also over a bad line
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class TooLarge(HTTPException):
    """A body without a length that does not end."""

    def __init__(self, largest: int = LARGEST) -> None:
        super().__init__(413, f"larger than {largest} bytes")


class TooSlow(HTTPException):
    """A body of which too little comes."""

    def __init__(self) -> None:
        super().__init__(408, "the body came too slowly")


def largest(path: str) -> int:
    """Bytes of a body that are read at an address."""
    return next((size for beginning, size in LARGEST_OF.items() if path.startswith(beginning)), LARGEST)


def exceeded(scope: Scope, headers: Headers) -> tuple[int, str] | None:
    """Status and reason where a request is refused before anything of it is read."""
    if scope["method"] not in METHODS:
        return 405, "GET, HEAD and POST are all there is"
    if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > LONGEST_ADDRESS:
        return 414, "the address is too long"
    if sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
        return 431, "the headers are too large"
    length = headers.get("content-length") or "0"
    if not (length.isdecimal() and length.isascii()):
        return 400, "content-length: expected a number"
    most = largest(scope["path"])
    if len(length) > 18 or int(length) > most:
        return 413, f"larger than {most} bytes"
    return None


class Measured:
    """The body of a request, as long as it is small and does not take too long."""

    def __init__(self, receive: Receive, most: int = LARGEST, seconds: float = BODY_SECONDS) -> None:
        self._receive = receive
        self._most = most
        self._got = 0
        self._until = monotonic() + seconds
        self._over = False

    async def __call__(self) -> Message:
        if self._over:
            return await self._receive()  # waits for the other side to hang up
        try:
            async with asyncio.timeout(max(0.0, self._until - monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        self._got += len(message.get("body", b""))
        self._over = not message.get("more_body", False)
        if self._got > self._most:
            raise TooLarge(self._most)
        return message

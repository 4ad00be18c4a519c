"""A connection to a mail server that is ready for mails: what is written, and the replies in their order.

aiosmtplib opens it (TLS, login). It reads one reply for each write and drops what comes beside; with
pipelining several are on their way at once, so from then on the replies are read here.
"""

import asyncio
import select
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import NamedTuple, cast

from aiosmtplib import SMTP

from notifications.parts import CONTROL

LONGEST_REPLY = 65_536


class Lost(ConnectionError):
    """The connection is gone, or what comes over it is no SMTP."""


class Reply(NamedTuple):
    """What the server said; the lines of one reply are parted by a space."""

    code: int
    words: str


class Wire(asyncio.Protocol):
    """Replies are handed out one by one, also those that came before the connection was lost. `is_full`: not
    all that was written has left us.

    `used` counts the transactions, `since` is when the last one ended (monotonic seconds). Whatever the
    server says without being asked (421, it is going) ends the connection.
    """

    def __init__(self, transport: asyncio.Transport, offers: Mapping[str, str]) -> None:
        self.offers = offers
        self.used = 0
        self.since = monotonic()
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._unread = bytearray()
        self._words: list[str] = []
        self._replies: deque[Reply] = deque()
        self._owed = 0
        self.is_full = False
        self._end: Lost | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._poll = select.poll()
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def is_alive(self) -> bool:
        """Whether it can be used: that the server hung up is seen before the event loop hears of it."""
        return self.is_open and not self._poll.poll(0)

    @property
    def is_settled(self) -> bool:
        """Whether it is open and nothing is on its way: the next reply will be that to the next command."""
        return self.is_open and not self._owed and not self._replies

    @property
    def is_open(self) -> bool:
        """Whether it is still held by both sides, as far as is known."""
        return self._end is None and not self._transport.is_closing()

    def write(self, data: bytes, replies: int = 1) -> None:
        """Write what the server answers with so many replies."""
        self._check()
        self._owed += replies
        self._transport.write(data)

    async def drained(self) -> None:
        """Wait until the last byte has left us (Lost: some of it never will)."""
        while self.is_full:
            await self._news()

    async def reply(self) -> Reply:
        """The next reply (Lost: none comes any more)."""
        while not self._replies:
            await self._news()
        return self._replies.popleft()

    async def reply_by(self, end: float) -> Reply:
        """The same, until then by the clock of the loop (TimeoutError). What came while we stood still, in a
        process that was stopped or on a machine that slept, counts however late it is read."""
        if self._replies:
            return self._replies.popleft()
        try:
            async with asyncio.timeout_at(end):
                return await self.reply()
        except TimeoutError:
            if self._replies:
                return self._replies.popleft()
            raise

    async def quit(self, seconds: float) -> None:
        """Say goodbye and close, within so many seconds."""
        with suppress(Lost, TimeoutError):
            self.write(b"QUIT\r\n")
            async with asyncio.timeout(seconds):
                await self.reply()
        self.abort()

    def leave(self) -> None:
        """Say goodbye and cut the connection, without waiting for the answer."""
        if self.is_open:
            self._owed += 1
            self._transport.write(b"QUIT\r\n")
            self.abort()

    def abort(self) -> None:
        """Cut the connection."""
        self._lose("cut by us")

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(type(exc).__name__ if exc else "the server hung up")

    def pause_writing(self) -> None:
        self.is_full = True

    def resume_writing(self) -> None:
        self.is_full = False
        self._wake()

    def data_received(self, data: bytes) -> None:
        self._unread += data
        while (end := self._unread.find(b"\n")) >= 0:
            line = bytes(self._unread[: end + 1])
            del self._unread[: end + 1]
            if not self._take(line.rstrip()):
                return
        if len(self._unread) + sum(map(len, self._words)) > LONGEST_REPLY:
            self._lose("a reply without end")

    def _take(self, line: bytes) -> bool:
        """Read one line of a reply; False: the connection is of no use any more."""
        # Without control characters: what a server says is kept, and not every database takes those.
        code, words = line[:3], CONTROL.sub(" ", line[4:].decode("utf-8", "replace")).strip()
        if not (self._owed and code.isdigit() and line[3:4] in (b" ", b"-", b"")):
            self._lose("the server said what nobody asked" if code.isdigit() else "no reply of SMTP")
            return False
        self._words.append(words)
        if line[3:4] != b"-":
            self._replies.append(Reply(int(code), " ".join(self._words)))
            self._words.clear()
            self._owed -= 1
            self._wake()
        return True

    async def _news(self) -> None:
        self._check()
        self._waiting = self._loop.create_future()
        await self._waiting

    def _check(self) -> None:
        if self._end is not None:
            raise self._end

    def _lose(self, why: str) -> None:
        self._end = self._end or Lost(why)
        self._transport.abort()
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


def taken_over(client: SMTP) -> Wire:
    """What aiosmtplib opened, read by us from now on (Lost: it is gone already)."""
    transport = cast(asyncio.Transport | None, client.transport)
    if transport is None or transport.is_closing():
        raise Lost("the server hung up")
    wire = Wire(transport, dict(client.esmtp_extensions))
    # So that it says at once that not all has left us. Not 0: with TLS asyncio would never say it has.
    transport.set_write_buffer_limits(high=1)
    transport.set_protocol(wire)
    return wire

"""The bytes of one SMTP conversation at the server's side: a raw protocol, so that it is never the slow side
unless a test wants it so."""

import asyncio
from collections import deque
from collections.abc import Callable

from kamflow.demo.smtp_terms import Terms


class SmtpTalk(asyncio.Protocol):
    """Reads whatever comes, answers each batch with one write, and does what the rule says instead."""

    def __init__(self, terms: Terms, talks: set["SmtpTalk"]) -> None:
        self.terms = terms
        self.silent = False
        self.buffer: bytearray = bytearray()
        self.transport: asyncio.Transport
        self.closed: asyncio.Future[None]
        self._talks = talks
        self._replies: list[bytes] = []
        self._drops: deque[int] | None = None  # what a trickle has still to say, byte by byte

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream server always gets
        self.transport = transport
        self._talks.add(self)
        self.closed = asyncio.get_running_loop().create_future()
        self.answer("connect", "", b"220 kamflow catcher ESMTP\r\n")
        self.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the conversation; a mail without its final dot was never taken."""
        self.silent = True
        self._talks.discard(self)
        if not self.closed.done():
            self.closed.set_result(None)

    def abort(self) -> None:
        """Cut the connection."""
        self.transport.abort()

    def say(self, reply: bytes) -> None:
        """Answer with the next write."""
        self._replies.append(reply)

    def answer(self, stage: str, argument: str, usual: bytes) -> bool:
        """Answer as usual unless the rule has its say; True: as usual."""
        if self.ruled(stage, argument):
            return False
        self.say(usual)
        return True

    def ruled(self, stage: str, argument: str) -> bool:
        """Do as the rule says; False: it says nothing, or only how to say it."""
        said = self.terms.rule(stage, argument) if self.terms.rule else None
        if isinstance(said, bytes):
            self.say(said.removesuffix(b"\r\n") + b"\r\n")
        elif said == "trickle":
            self._drops = self._drops or deque()
            return False
        elif said is not None:
            self.silent = True
            if said == "drop":
                self.flush()
                self._later(self._hang_up)
        return said is not None

    def flush(self) -> None:
        """Write what was answered, after the delay of the way."""
        data = b"".join(self._replies)
        self._replies.clear()
        if not data:
            return
        if self._drops is None:
            self._later(self._write, data)
            return
        if not self._drops:
            self._later(self._drip)
        self._drops.extend(data)

    def goodbye(self) -> None:
        """Write what was answered, and hang up."""
        self.flush()
        self._later(self._hang_up)

    def _later(self, act: Callable[..., object], *args: object) -> None:
        if self.terms.delay:
            asyncio.get_running_loop().call_later(self.terms.delay, act, *args)
        else:
            act(*args)

    def _write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def _drip(self) -> None:
        if self._drops and not self.transport.is_closing():
            self.transport.write(bytes([self._drops.popleft()]))
            asyncio.get_running_loop().call_later(self.terms.trickle, self._drip)

    def _hang_up(self) -> None:
        """Close, once what trickles is said."""
        if self._drops and not self.transport.is_closing():
            asyncio.get_running_loop().call_later(self.terms.trickle, self._hang_up)
        else:
            self.transport.close()

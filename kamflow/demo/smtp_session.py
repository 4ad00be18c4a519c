"""One SMTP conversation as the server holds it: a raw protocol, so that it is never the slow side."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from kamflow.demo.smtp_terms import Caught, Login, Terms, message_id, path, unstuffed


class SmtpSession(asyncio.Protocol):
    """Reads commands as they come, pipelined or not, and answers each batch with one write."""

    def __init__(self, terms: Terms, sessions: set["SmtpSession"]) -> None:
        self._terms = terms
        self._sessions = sessions
        self._buffer = bytearray()
        self._replies: list[bytes] = []
        self._searched = -1  # where to go on looking for the end of a body; -1: reading commands
        self._login: Login | None = None
        self._upgrade: asyncio.Task[None] | None = None
        self._secure = terms.implicit_tls
        self._authenticated = terms.credentials is None
        self._silent = False
        self._forget()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what a stream server always gets
        self._transport: asyncio.Transport = transport
        self._sessions.add(self)
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answer("connect", "", b"220 kamflow catcher ESMTP\r\n")
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the conversation; a mail without its final dot was never taken."""
        self._sessions.discard(self)
        if not self.closed.done():
            self.closed.set_result(None)
        if self._upgrade is not None:
            self._upgrade.cancel()

    def data_received(self, data: bytes) -> None:
        """Take in whatever came and answer what is complete."""
        self._buffer += data
        if self._upgrade is None or self._secure:
            self._work()

    def abort(self) -> None:
        """Cut the connection."""
        self._transport.abort()

    def _work(self) -> None:
        while not self._silent and (self._take_command() if self._searched < 0 else self._take_body()):
            pass
        self._flush()

    def _flush(self) -> None:
        if self._replies and not self._transport.is_closing():
            self._transport.write(b"".join(self._replies))
        self._replies.clear()

    def _forget(self) -> None:
        self._sender: str | None = None
        self._options = b""
        self._recipients: list[str] = []

    def _ruled(self, stage: str, argument: str) -> bool:
        """Do as the rule says; False: it says nothing."""
        said = self._terms.rule(stage, argument) if self._terms.rule else None
        if isinstance(said, bytes):
            self._replies.append(said.removesuffix(b"\r\n") + b"\r\n")
        elif said is not None:
            self._silent = True
            if said == "drop":
                self._flush()
                self._transport.close()
        return said is not None

    def _answer(self, stage: str, argument: str, usual: bytes) -> bool:
        """Answer as usual unless the rule has its say; True: as usual."""
        if self._ruled(stage, argument):
            return False
        self._replies.append(usual)
        return True

    def _take_command(self) -> bool:
        end = self._buffer.find(b"\n")
        if end < 0 or (self._upgrade is not None and not self._secure):
            return False
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        if self._login:
            self._log_in(self._login, line)
        else:
            verb, _, argument = line.partition(b" ")
            _COMMANDS.get(verb.upper(), SmtpSession._unknown)(self, argument)
        return True

    def _take_body(self) -> bool:
        # The line end before the dot may be the one of the DATA command: an empty body.
        end = -2 if self._buffer.startswith(b".\r\n") else self._buffer.find(b"\r\n.\r\n", self._searched)
        if end == -1:
            self._searched = max(0, len(self._buffer) - 4)
            return False
        raw = bytes(self._buffer[: end + 2])
        del self._buffer[: end + 5]
        self._searched = -1
        self._take_mail(unstuffed(raw))
        self._forget()
        return True

    def _take_mail(self, raw: bytes) -> None:
        identity = message_id(raw)
        if len(raw) > self._terms.size:
            self._replies.append(b"552 5.3.4 too large\r\n")
        elif not self._ruled("body", identity):
            recipients = tuple(self._recipients)
            self._terms.catch(Caught(self._sender or "", recipients, raw, identity, monotonic()))
            self._answer("taken", identity, b"250 2.0.0 OK taken\r\n")

    def ehlo(self, argument: bytes) -> None:
        self._answer("ehlo", argument.decode("utf-8", "replace"), self._terms.greeting(self._secure))

    def mail(self, argument: bytes) -> None:
        address, options = path(argument)
        if not self._authenticated:
            self._replies.append(b"530 5.7.0 log in first\r\n")
        elif address is None:
            self._replies.append(b"501 5.1.7 no sender\r\n")
        elif refusal := self._terms.refusal(address, options):
            self._replies.append(refusal)
        elif self._answer("mail", address, b"250 2.1.0 OK\r\n"):
            self._forget()
            self._sender, self._options = address, options

    def rcpt(self, argument: bytes) -> None:
        address, _ = path(argument)
        if self._sender is None:
            self._replies.append(b"503 5.5.1 MAIL first\r\n")
        elif not address:
            self._replies.append(b"501 5.1.3 no recipient\r\n")
        elif refusal := self._terms.refusal(address, self._options):
            self._replies.append(refusal)
        elif self._answer("rcpt", address, b"250 2.1.5 OK\r\n"):
            self._recipients.append(address)

    def data(self, _: bytes) -> None:
        if not self._recipients:
            self._replies.append(b"503 5.5.1 RCPT first\r\n")
        elif self._answer("data", "", b"354 end with a dot\r\n"):
            self._searched = 0

    def rset(self, _: bytes) -> None:
        self._forget()
        self._answer("rset", "", b"250 2.0.0 OK\r\n")

    def noop(self, _: bytes) -> None:
        self._answer("noop", "", b"250 2.0.0 OK\r\n")

    def quit(self, _: bytes) -> None:
        if self._answer("quit", "", b"221 2.0.0 bye\r\n"):
            self._flush()
            self._transport.close()

    def _unknown(self, _: bytes) -> None:
        self._replies.append(b"502 5.5.2 command not known\r\n")

    def auth(self, argument: bytes) -> None:
        mechanism, _, first = argument.partition(b" ")
        if mechanism.upper() not in (b"PLAIN", b"LOGIN") or not self._terms.credentials:
            self._replies.append(b"504 5.5.4 PLAIN or LOGIN\r\n")
            return
        self._log_in(Login(mechanism.upper()), first)

    def _log_in(self, login: Login, line: bytes) -> None:
        said = login.feed(line)
        self._login = login if isinstance(said, bytes) else None
        if isinstance(said, bytes):
            self._replies.append(said)
        elif said != self._terms.credentials:
            self._replies.append(b"535 5.7.8 user or password is wrong\r\n")
        elif self._answer("auth", said[0], b"235 2.7.0 welcome\r\n"):
            self._authenticated = True

    def start_tls(self, _: bytes) -> None:
        if self._terms.tls is None or self._secure:
            self._replies.append(b"502 5.5.1 no STARTTLS\r\n")
        elif self._answer("starttls", "", b"220 2.0.0 go ahead\r\n"):
            self._flush()
            # RFC 3207: what came in clear text before the handshake does not count.
            self._buffer.clear()
            self._transport.pause_reading()
            self._upgrade = asyncio.create_task(self._become_secure())

    async def _become_secure(self) -> None:
        loop, tls = asyncio.get_running_loop(), self._terms.tls
        assert tls is not None  # noqa: S101 - else nobody starts this task
        secure = None
        with suppress(OSError):
            secure = await loop.start_tls(self._transport, self, tls, server_side=True)
        if secure is None:
            # asyncio tells the protocol nothing about a connection lost within the handshake.
            self._transport.abort()
            self.connection_lost(None)
            return
        self._transport, self._secure = secure, True
        self._forget()
        self._work()


# At the end: the methods must exist.
_COMMANDS: dict[bytes, Callable[[SmtpSession, bytes], None]] = {
    b"EHLO": SmtpSession.ehlo,
    b"HELO": SmtpSession.ehlo,
    b"MAIL": SmtpSession.mail,
    b"RCPT": SmtpSession.rcpt,
    b"DATA": SmtpSession.data,
    b"RSET": SmtpSession.rset,
    b"NOOP": SmtpSession.noop,
    b"QUIT": SmtpSession.quit,
    b"AUTH": SmtpSession.auth,
    b"STARTTLS": SmtpSession.start_tls,
}

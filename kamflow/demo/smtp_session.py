"""What an SMTP server does with each command, and with the mail itself."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from kamflow.demo.smtp_login import Login
from kamflow.demo.smtp_talk import SmtpTalk
from kamflow.demo.smtp_terms import Caught, Terms, message_id, path, unstuffed


class SmtpSession(SmtpTalk):
    """Takes commands as they come, pipelined or not."""

    def __init__(self, terms: Terms, sessions: set[SmtpTalk]) -> None:
        super().__init__(terms, sessions)
        self._searched = -1  # where to go on looking for the end of a body; -1: reading commands
        self._login: Login | None = None
        self._upgrade: asyncio.Task[None] | None = None
        self._secure = terms.implicit_tls
        self._authenticated = not terms.demands_login
        self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._upgrade is not None:
            self._upgrade.cancel()

    def data_received(self, data: bytes) -> None:
        """Take in whatever came and answer what is complete."""
        if self._searched == 0 and not self.buffer and self.ruled("reading", ""):
            self.transport.pause_reading()  # the rest stays with the client
        self.buffer += data
        if self._upgrade is None or self._secure:
            self._work()

    def _work(self) -> None:
        while not self.silent and (self._take_command() if self._searched < 0 else self._take_body()):
            pass
        self.flush()

    def _forget(self) -> None:
        self._sender: str | None = None
        self._options = b""
        self._recipients: list[str] = []

    def _take_command(self) -> bool:
        end = self.buffer.find(b"\n")
        if end < 0 or (self._upgrade is not None and not self._secure):
            return False
        line = bytes(self.buffer[:end]).rstrip(b"\r")
        del self.buffer[: end + 1]
        if self._login:
            self._log_in(self._login, line)
        else:
            verb, _, argument = line.partition(b" ")
            _COMMANDS.get(verb.upper(), SmtpSession._unknown)(self, argument)
        return True

    def _take_body(self) -> bool:
        # The line end before the dot may be the one of the DATA command: an empty body.
        end = -2 if self.buffer.startswith(b".\r\n") else self.buffer.find(b"\r\n.\r\n", self._searched)
        if end == -1:
            self._searched = max(0, len(self.buffer) - 4)
            return False
        raw = bytes(self.buffer[: end + 2])
        del self.buffer[: end + 5]
        self._searched = -1
        self._take_mail(unstuffed(raw))
        self._forget()
        return True

    def _take_mail(self, raw: bytes) -> None:
        identity = message_id(raw)
        if len(raw) > self.terms.size:
            self.say(b"552 5.3.4 too large\r\n")
        elif not self._recipients:
            self.say(b"554 5.5.1 no valid recipients\r\n")
        elif not self.ruled("body", identity):
            recipients = tuple(self._recipients)
            self.terms.catch(Caught(self._sender or "", recipients, raw, identity, monotonic()))
            self.answer("taken", identity, b"250 2.0.0 OK taken\r\n")

    def ehlo(self, argument: bytes) -> None:
        name = argument.decode("utf-8", "replace")
        self.answer("ehlo", name, self.terms.greeting(secure=self._secure))

    def mail(self, argument: bytes) -> None:
        address, options = path(argument)
        if not self._authenticated:
            self.say(b"530 5.7.0 log in first\r\n")
        elif address is None:
            self.say(b"501 5.1.7 no sender\r\n")
        elif self._sender is not None:
            self.say(b"503 5.5.1 one mail after the other\r\n")
        elif refusal := self.terms.refusal(address, options):
            self.say(refusal)
        elif self.answer("mail", address, b"250 2.1.0 OK\r\n"):
            self._forget()
            self._sender, self._options = address, options

    def rcpt(self, argument: bytes) -> None:
        address, _ = path(argument)
        if self._sender is None:
            self.say(b"503 5.5.1 MAIL first\r\n")
        elif not address:
            self.say(b"501 5.1.3 no recipient\r\n")
        elif refusal := self.terms.refusal(address, self._options):
            self.say(refusal)
        elif self.answer("rcpt", address, b"250 2.1.5 OK\r\n"):
            self._recipients.append(address)

    def data(self, _: bytes) -> None:
        if not self._recipients and not self.terms.lenient:
            self.say(b"503 5.5.1 RCPT first\r\n")
        elif self.answer("data", "", b"354 end with a dot\r\n"):
            self._searched = 0

    def rset(self, _: bytes) -> None:
        self._forget()
        self.answer("rset", "", b"250 2.0.0 OK\r\n")

    def noop(self, _: bytes) -> None:
        self.answer("noop", "", b"250 2.0.0 OK\r\n")

    def quit(self, _: bytes) -> None:
        if self.answer("quit", "", b"221 2.0.0 bye\r\n"):
            self.goodbye()

    def _unknown(self, _: bytes) -> None:
        self.say(b"502 5.5.2 command not known\r\n")

    def auth(self, argument: bytes) -> None:
        mechanism, _, first = argument.partition(b" ")
        if mechanism.upper().decode("ascii", "replace") not in self.terms.mechanisms:
            self.say(b"504 5.5.4 no such way to log in\r\n")
            return
        self._log_in(Login(mechanism.upper(), self.terms.admits), first)

    def _log_in(self, login: Login, line: bytes) -> None:
        said = login.feed(line)
        self._login = login if isinstance(said, bytes) else None
        if isinstance(said, bytes):
            self.say(said)
        elif said is None:
            self.say(b"535 5.7.8 user or password is wrong\r\n")
        elif self.answer("auth", said, b"235 2.7.0 welcome\r\n"):
            self._authenticated = True

    def start_tls(self, _: bytes) -> None:
        if self.terms.tls is None or self._secure:
            self.say(b"502 5.5.1 no STARTTLS\r\n")
        elif self.answer("starttls", "", b"220 2.0.0 go ahead\r\n"):
            self.flush()
            # RFC 3207: what came in clear text before the handshake does not count.
            self.buffer.clear()
            if self.ruled("handshake", ""):
                self.silent = True
                return
            self.transport.pause_reading()
            self._upgrade = asyncio.create_task(self._become_secure())

    async def _become_secure(self) -> None:
        loop, tls = asyncio.get_running_loop(), self.terms.tls
        assert tls is not None  # noqa: S101 - else nobody starts this task
        secure = None
        with suppress(OSError):
            secure = await loop.start_tls(self.transport, self, tls, server_side=True)
        if secure is None:
            # asyncio tells the protocol nothing about a connection lost within the handshake.
            self.transport.abort()
            self.connection_lost(None)
            return
        self.transport, self._secure = secure, True
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

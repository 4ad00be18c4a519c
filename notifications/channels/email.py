"""E-mail over SMTP: pooled connections, one transaction per mail, every refusal with its cause.

A mail is delivered at least once: a connection lost after the body was sent is tried again with the
same Message-ID. Causes: connect-failed, tls-refused, login-refused, server-busy, connection-lost,
lost-after-data, deferred, sender-refused (temporary); bad-address, smtputf8, too-large,
recipient-refused, content-refused (permanent).
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPServerDisconnected

from kamflow.errors import ConfigError, DeliveryError, Permanent, Temporary
from kamflow.settings import Smtp
from notifications.message import Mail, Receipt, mailbox, mime

IDLE_SECONDS = 45  # one that waited longer may be half dead: a firewall drops it and tells neither side
QUIT_SECONDS = 2
# Filters may look at a body for a while, and giving up too soon sends it twice.
BODY_PATIENCE = 3


class _Dropped(Temporary):
    """The server hung up before the body was sent: nothing was delivered."""


@dataclass(frozen=True, slots=True)
class _Outgoing:
    sender: str
    recipient: str
    raw: bytes

    @property
    def international(self) -> bool:
        return not (self.sender.isascii() and self.recipient.isascii())

    def commands(self, size: bool) -> Iterator[tuple[str, str]]:
        options = f" SIZE={len(self.raw)}" if size else ""
        options += " BODY=8BITMIME SMTPUTF8" if self.international else ""
        yield "MAIL", f"MAIL FROM:<{self.sender}>{options}"
        yield "RCPT", f"RCPT TO:<{self.recipient}>"
        yield "DATA", "DATA"


class EmailChannel:
    """Sends mails through the server of the settings, over at most `settings.connections` connections.

    Raises:
        ConfigError: a login without TLS, a user without a password, a sender that is no address.
    """

    def __init__(
        self, settings: Smtp, now: Callable[[], datetime], tls_context: ssl.SSLContext | None = None
    ) -> None:
        check(settings)
        self._settings = settings
        self._now = now
        self._tls = tls_context or (None if settings.tls == "none" else ssl.create_default_context())
        self._slots = asyncio.Semaphore(settings.connections)
        self._idle: list[tuple[SMTP, float]] = []

    async def send(self, mail: Mail) -> Receipt:
        """Hand over the mail; return when the server has taken it.

        Raises:
            Temporary, Permanent: it did not; `cause` is one of the words at the top of this file.
        """
        outgoing = _outgoing(mail, self._now())
        async with self._slots:
            answer = await self._deliver(outgoing)
        return Receipt("email", outgoing.recipient, answer)

    async def close(self) -> None:
        """Say goodbye on the connections that wait in the pool."""
        while self._idle:
            client, _ = self._idle.pop()
            with contextlib.suppress(SMTPException, OSError):
                await client.quit(timeout=QUIT_SECONDS)
            client.close()

    async def _deliver(self, outgoing: _Outgoing) -> str:
        client = self._waiting()
        if client is not None:
            # The server may have hung up on a connection in the pool: then once more on a new one.
            with contextlib.suppress(_Dropped):
                return await self._use(client, outgoing)
        return await self._use(await connect(self._settings, self._tls), outgoing)

    def _waiting(self) -> SMTP | None:
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and monotonic() - since < IDLE_SECONDS:
                return client
            client.close()
        return None

    async def _use(self, client: SMTP, outgoing: _Outgoing) -> str:
        try:
            return await _hand_over(client, outgoing, self._settings.timeout * BODY_PATIENCE)
        finally:
            if client.is_connected:
                self._idle.append((client, monotonic()))


def check(settings: Smtp) -> None:
    """Look at what the types of the settings cannot judge (ConfigError)."""
    if settings.user and settings.tls == "none":
        raise ConfigError("smtp.user needs TLS, else the password is sent readable: set smtp.tls to starttls")
    if settings.user and settings.password is None:
        raise ConfigError("smtp.user is set without a password: set KAMFLOW_SMTP__PASSWORD")
    try:
        mailbox(settings.sender)
    except ValueError as error:
        raise ConfigError(f"smtp.sender {settings.sender!r}: {error}") from None


def _outgoing(mail: Mail, date: datetime) -> _Outgoing:
    try:
        sender, recipient = mailbox(mail.sender), mailbox(mail.to)
        return _Outgoing(sender.address, recipient.address, mime(mail, date))
    except ValueError as error:
        raise Permanent(f"sender or recipient: {error}", cause="bad-address") from None


async def connect(settings: Smtp, tls: ssl.SSLContext | None) -> SMTP:
    """A connection that is ready for a mail: TLS and login are done (Temporary: it is not)."""
    client = SMTP(
        hostname=settings.host,
        port=settings.port,
        timeout=settings.timeout,
        local_hostname=_own_name(settings),
        use_tls=settings.tls == "tls",
        start_tls=False,
        tls_context=tls,
    )
    try:
        await client.connect()
        if settings.tls == "starttls":
            await _start_tls(client)
        await client.ehlo()
        if settings.user and settings.password:
            await _log_in(client, settings.user, settings.password.get_secret_value())
    except (SMTPException, OSError) as error:
        client.close()
        tls_failed = isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError)
        cause = "tls-refused" if tls_failed else "connect-failed"
        raise Temporary(f"{settings.host}:{settings.port}: {error}", cause=cause) from error
    except BaseException:
        client.close()
        raise
    return client


def _own_name(settings: Smtp) -> str:
    # A look-up of our full name may hang for seconds; the sender's domain is a name servers accept.
    host = socket.gethostname()
    return host if "." in host else mailbox(settings.sender).address.rpartition("@")[2]


async def _start_tls(client: SMTP) -> None:
    try:
        await client.starttls()
    except SMTPException as error:
        raise Temporary(f"{error.message}; nothing was sent", cause="tls-refused") from error


async def _log_in(client: SMTP, user: str, password: str) -> None:
    try:
        await client.login(user, password)
    except SMTPException as error:
        if isinstance(error, OSError):
            raise
        message = f"the mail server refused the login: {error.message}; check smtp.user and its password"
        raise Temporary(message, cause="login-refused") from error


async def _hand_over(client: SMTP, outgoing: _Outgoing, patience: float) -> str:
    """Run one transaction and return the server's last words; leave the client closed or ready again."""
    stage = ""
    try:
        _check_limits(client, outgoing)
        for stage, command in outgoing.commands(client.supports_extension("size")):
            _accept(stage, await client.execute_command(command.encode()), outgoing)
        stage = "body"
        reply = await _send_body(client, outgoing.raw, patience)
        _accept(stage, reply, outgoing)
    except DeliveryError:
        await _reset(client)
        raise
    except (SMTPException, OSError) as error:
        client.close()
        what = f"no answer at {stage} ({type(error).__name__})"
        if stage == "body":
            raise Temporary(what, cause="lost-after-data") from error
        raise _Dropped(what, cause="connection-lost") from error
    except BaseException:
        client.close()
        raise
    return reply.message


def _check_limits(client: SMTP, outgoing: _Outgoing) -> None:
    limit = client.esmtp_extensions.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(outgoing.raw):
        raise Permanent(f"{len(outgoing.raw)} bytes; the server takes {limit}", cause="too-large")
    if outgoing.international and not client.supports_extension("smtputf8"):
        raise Permanent("the mail server does not take international addresses", cause="smtputf8")


async def _send_body(client: SMTP, raw: bytes, patience: float) -> SMTPResponse:
    # Not `client.data()`: it hides whether the connection was lost before or after the body.
    if client.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    end = b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n"
    client.protocol.write(raw.replace(b"\r\n.", b"\r\n..") + end)
    return await client.protocol.read_response(timeout=patience)


def _accept(stage: str, reply: SMTPResponse, outgoing: _Outgoing) -> None:
    if reply.code < 400:
        return
    # An address stands in its own row only, so not in the text of an error.
    words = reply.message.replace(outgoing.recipient, "…").replace("\n", " ")[:200]
    message = f"{stage}: {reply.code} {words}"
    if reply.code == 421:
        raise _Dropped(message, cause="server-busy")
    if reply.code in (530, 535):
        raise Temporary(message, cause="login-refused")
    if reply.code < 500:
        raise Temporary(message, cause="deferred")
    if reply.code == 552 and stage != "RCPT":
        raise Permanent(message, cause="too-large")
    if stage == "MAIL":
        # Every mail would meet the same: a setting is wrong, so keep them until it is mended.
        raise Temporary(message, cause="sender-refused")
    raise Permanent(message, cause="recipient-refused" if stage == "RCPT" else "content-refused")


async def _reset(client: SMTP) -> None:
    try:
        await client.rset()
    except (SMTPException, OSError):
        client.close()

"""E-mail over SMTP: pooled connections, one transaction per mail, every refusal with its cause.

A mail is delivered at least once: when the connection is lost after the body was sent, it is ambiguous, and
is sent again with the same Message-ID. Causes: connect-failed, tls-refused, login-refused, no-token,
server-busy, over-quota, connection-lost, deferred, sender-refused, relay-refused (temporary);
lost-after-data (ambiguous); bad-address, smtputf8, too-large, recipient-refused, content-refused (permanent).
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from datetime import datetime
from time import monotonic

from kamflow.errors import Permanent
from kamflow.outward import Way
from kamflow.settings import Smtp
from notifications.channels.email_answers import Dropped
from notifications.channels.email_login import check, connect
from notifications.channels.email_oauth import Tokens
from notifications.channels.email_transaction import Outgoing, ask, hand_over
from notifications.channels.email_wire import Wire
from notifications.message import Mail, Receipt, mailbox, mime

IDLE_SECONDS = 45  # one that waited longer may be half dead: a firewall drops it and tells neither side
QUIT_SECONDS = 2
LONGEST_KEPT = 500  # characters of the server's last words


class EmailChannel:
    """Sends mails through the server of the settings, over at most `settings.connections` connections.

    `way` leads to the server that hands out tokens.

    Raises:
        ConfigError: a login without TLS, a user without a password, a sender that is no address.
    """

    def __init__(
        self,
        settings: Smtp,
        now: Callable[[], datetime],
        tls_context: ssl.SSLContext | None = None,
        way: Way | None = None,
    ) -> None:
        check(settings)
        self._settings = settings
        self._now = now
        self._tls = tls_context or (None if settings.tls == "none" else ssl.create_default_context())
        self._tokens = Tokens(settings.oauth, way or Way(), settings.timeout)
        self._slots = asyncio.Semaphore(settings.connections)
        self._idle: list[Wire] = []

    async def send(self, mail: Mail) -> Receipt:
        """Hand over the mail; return when the server has taken it.

        Raises:
            Temporary, Permanent, Ambiguous: it did not; `cause` is one of the words at the top of this file.
        """
        outgoing = _outgoing(mail, self._now())
        async with self._slots:
            answer = await self._deliver(outgoing)
        return Receipt("email", outgoing.recipient, answer[:LONGEST_KEPT])

    async def ask(self, address: str) -> None:
        """Find out whether the server would take a mail to this address; nothing is sent.

        Raises:
            Temporary, Permanent: it would not.
        """
        try:
            sender, recipient = mailbox(self._settings.sender), mailbox(address)
        except ValueError as error:
            raise Permanent(f"{address}: {error}", cause="bad-address") from None
        wire = await connect(self._settings, self._tls, self._tokens)
        try:
            await ask(wire, Outgoing(sender.address, recipient.address, b""), self._settings.timeout)
        finally:
            await wire.quit(QUIT_SECONDS)

    async def close(self) -> None:
        """Say goodbye on the connections that wait in the pool."""
        waiting, self._idle = self._idle, []
        await asyncio.gather(*(wire.quit(QUIT_SECONDS) for wire in waiting))

    async def _deliver(self, outgoing: Outgoing) -> str:
        wire = self._waiting()
        if wire is not None:
            # The server may have hung up on a connection in the pool: then once more on a new one.
            with contextlib.suppress(Dropped):
                return await self._use(wire, outgoing)
        return await self._use(await connect(self._settings, self._tls, self._tokens), outgoing)

    def _waiting(self) -> Wire | None:
        while self._idle:
            wire = self._idle.pop()
            if wire.is_alive() and monotonic() - wire.since < IDLE_SECONDS:
                return wire
            wire.abort()
        return None

    async def _use(self, wire: Wire, outgoing: Outgoing) -> str:
        try:
            return await hand_over(wire, outgoing, self._settings.timeout)
        finally:
            if wire.used >= self._settings.per_connection:
                wire.leave()
            if wire.is_settled:
                self._idle.append(wire)
            else:
                wire.abort()


def _outgoing(mail: Mail, date: datetime) -> Outgoing:
    try:
        sender, recipient = mailbox(mail.sender), mailbox(mail.to)
        return Outgoing(sender.address, recipient.address, mime(mail, date))
    except ValueError as error:
        raise Permanent(f"sender or recipient: {error}", cause="bad-address") from None

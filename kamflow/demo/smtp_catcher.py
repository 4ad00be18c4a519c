"""An SMTP server on loopback for tests, bench and demo: it takes every mail and sends none.

It counts by Message-ID and recipient, so that a mail lost or doubled is seen, and a `rule` lets a test
refuse, hang or hang up at any stage.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import replace

from kamflow.demo.own_thread import in_own_thread
from kamflow.demo.smtp_session import SmtpSession
from kamflow.demo.smtp_talk import SmtpTalk
from kamflow.demo.smtp_terms import Caught, Rule, Terms


class SmtpCatcher:
    """Takes mails; `counts` is keyed by (Message-ID, recipient).

    With `tls` it offers STARTTLS, or speaks TLS from the start with `implicit_tls`. With `credentials`
    it demands a login, with `tokens` one by XOAUTH2. `keep_bodies=False` keeps the envelopes only. `rule`
    may be changed at any time; smtp_terms.Terms lists its stages, smtp_faults what can go wrong there.
    `lenient` lets DATA through though no recipient was taken, as some servers do when it is pipelined.
    """

    def __init__(  # noqa: PLR0913 - a server can be of many kinds
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        credentials: tuple[str, str] | None = None,
        rule: Rule | None = None,
        utf8: bool = True,
        size: int = 35_882_577,
        keep_bodies: bool = True,
        tokens: Container[str] | None = None,
        pipelining: bool = True,
        lenient: bool = False,
        delay: float = 0.0,
        trickle: float = 0.02,
    ) -> None:
        self.messages: list[Caught] = []
        self.counts: Counter[tuple[str, str]] = Counter()
        self.port = 0
        self.connections = 0
        login = (credentials, tokens)
        can = (utf8, size, pipelining, lenient)
        self._terms = Terms(self._catch, tls, implicit_tls, *login, rule, *can, delay, trickle)
        self._keep_bodies = keep_bodies
        self._sessions: set[SmtpTalk] = set()
        self._server: asyncio.Server | None = None

    @property
    def rule(self) -> Rule | None:
        """What a test wants to happen; None: all goes well."""
        return self._terms.rule

    @rule.setter
    def rule(self, rule: Rule | None) -> None:
        self._terms.rule = rule

    @property
    def talking(self) -> int:
        """How many connections are open."""
        return len(self._sessions)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; 0 finds a free port and `port` says which."""
        loop = asyncio.get_running_loop()
        tls = self._terms.tls if self._terms.implicit_tls else None
        self._server = await loop.create_server(self._session, host, port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection; what was caught stays."""
        if self._server is None:
            return
        self._server.close()
        await self.hang_up()
        await self._server.wait_closed()
        self._server = None

    async def hang_up(self) -> None:
        """Cut every connection, as a server does that restarts. From its own loop only."""
        sessions = tuple(self._sessions)
        for session in sessions:
            session.abort()
        await asyncio.gather(*(session.closed for session in sessions))

    def announce(self, line: bytes = b"421 4.3.2 going down\r\n") -> None:
        """Say this on every connection, unasked. From its own loop only."""
        for session in self._sessions:
            session.say(line)
            session.flush()

    def to(self, address: str) -> list[Caught]:
        """The mails this recipient got, in order."""
        return [mail for mail in self.messages if address in mail.recipients]

    def _session(self) -> SmtpSession:
        self.connections += 1
        return SmtpSession(self._terms, self._sessions)

    def _catch(self, mail: Caught) -> None:
        for recipient in mail.recipients:
            self.counts[mail.message_id, recipient] += 1
        self.messages.append(mail if self._keep_bodies else replace(mail, raw=b""))


@contextmanager
def running_catcher(catcher: SmtpCatcher | None = None, port: int = 0) -> Iterator[SmtpCatcher]:
    """A catcher (of your own making, or a plain one) that runs in its own thread within the block."""
    catcher = catcher or SmtpCatcher()
    with in_own_thread(catcher, port):
        yield catcher

"""An IMAP server on loopback for tests: one mailbox whose mails stay until a test takes them away.

It speaks the part of RFC 3501 that a reader of mails needs, and answers NO and BAD as servers do. A `rule`
lets a test refuse, hang or hang up at any command.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from kamflow.demo.imap_session import ImapSession
from kamflow.demo.imap_terms import Kept, Rule, Terms
from kamflow.demo.own_thread import in_own_thread


@dataclass
class ImapServer:
    """`put` lays a mail into the box; `kept` has them all, with their flags."""

    user: str = "kamflow"
    password: str = "secret"  # noqa: S105 - made up
    folder: str = "INBOX"
    tls: ssl.SSLContext | None = None
    rule: Rule | None = None
    kept: list[Kept] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    _sessions: set[asyncio.Task[None]] = field(default_factory=set)
    _server: asyncio.Server | None = None

    def put(self, raw: bytes) -> Kept:
        """Lay a mail into the box as a mail server would; its lines end in CRLF."""
        mail = Kept(len(self.kept) + 1, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        self.kept.append(mail)
        return mail

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; 0 finds a free port and `port` says which."""
        self._server = await asyncio.start_server(self._session, host, port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection; the mails stay."""
        if self._server is None:
            return
        self._server.close()
        for each in tuple(self._sessions):
            each.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._sessions, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a stream server runs each session as a task
        self._sessions.add(task)
        try:
            await ImapSession(self._terms(), reader, writer).serve()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # hung up, on whichever side
        finally:
            self._sessions.discard(task)
            writer.close()

    def _terms(self) -> Terms:
        return Terms(self.user, self.password, self.folder, self.kept, self._heard)

    def _heard(self, command: str) -> str | bytes | None:
        self.commands.append(command)
        said: Callable[[str], str | bytes | None] | None = self.rule
        return said(command) if said else None


@contextmanager
def running_imap(server: ImapServer | None = None) -> Iterator[ImapServer]:
    """A server that runs in its own thread within the block."""
    server = server or ImapServer()
    with in_own_thread(server):
        yield server

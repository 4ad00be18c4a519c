"""The mailbox over IMAP: what was not seen yet, one mail, and that it was dealt with.

Every call blocks and belongs into a thread. Nothing the server says is repeated in an error: it may name
people.
"""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from imaplib import IMAP4
from socket import SHUT_RDWR
from typing import NamedTuple

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from kamflow.errors import ConfigError
from kamflow.knobs import Mailbox
from kamflow.web.mailbox.received import LARGEST

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEAD = 100_000  # bytes of the headers of a mail that is too large


class Away(Exception):
    """The server cannot be reached, or does not do as asked; `cause` says which, in a word."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class Fetched(NamedTuple):
    """The bytes of a mail; of one that is too large only the headers."""

    raw: bytes
    whole: bool


def check(settings: Mailbox) -> None:
    """Look at the settings of a mailbox that is switched on.

    Raises:
        ConfigError: a login without TLS, no user, password or address.
    """
    if settings.tls == "none" and settings.host not in LOOPBACK:
        raise ConfigError("mailbox.tls is none: a login without TLS is refused; set tls or starttls")
    if not settings.user or settings.password is None:
        raise ConfigError("mailbox: set user in kamflow.toml and KAMFLOW_MAILBOX__PASSWORD, or remove host")
    if settings.address is None:
        raise ConfigError("mailbox.address is not set: name the address that people write to")


class Box:
    """One connection. Made when it is first needed; closed by whoever made it."""

    def __init__(self, settings: Mailbox, tls: Callable[[], ssl.SSLContext] | None = None) -> None:
        check(settings)
        self._settings = settings
        self._tls = tls or ssl.create_default_context
        self._open: BaseMailBox | None = None

    def unseen(self) -> list[str]:
        """The UIDs of what nobody has seen yet, the oldest first."""
        with self._asking():
            if self._open is None:
                self._open = self._connected()
            else:
                self._open.client.noop()
            return sorted(self._open.uids("UNSEEN UNDELETED", charset=None), key=int)

    def fetch(self, uid: str) -> Fetched | None:
        """A mail, without marking it as seen; None where it is gone meanwhile."""
        with self._asking():
            size = self._size(uid)
            if size is None:
                return None
            whole = size <= LARGEST
            part = f"BODY.PEEK[]<0.{LARGEST + 1}>" if whole else f"BODY.PEEK[HEADER]<0.{_HEAD}>"
            raw = self._content(uid, part)
            return Fetched(raw, whole) if raw is not None else None

    def settle(self, uid: str, *, flagged: bool = False) -> None:
        """Mark a mail as seen; a flag says that a human should look at it."""
        with self._asking():
            flags = r"(\Seen \Flagged)" if flagged else r"(\Seen)"
            self._command("STORE", uid, "+FLAGS.SILENT", flags)

    def close(self) -> None:
        """Say goodbye, if somebody listens."""
        if self._open is not None:
            with suppress(IMAP4.error, ImapToolsError, OSError):
                self._open.logout()
        self._give_up()

    def abort(self) -> None:
        """End a call that waits for the server, from any thread."""
        if self._open is not None:
            with suppress(OSError):
                self._open.client.sock.shutdown(SHUT_RDWR)

    def _give_up(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            with suppress(OSError):
                opened.client.shutdown()

    def _connected(self) -> BaseMailBox:
        box = self._settings
        host, seconds = box.host or "", box.timeout
        if box.tls == "tls":
            made = MailBox(host, box.port, seconds, ssl_context=self._tls())
        elif box.tls == "starttls":
            made = MailBoxStartTls(host, box.port, seconds, ssl_context=self._tls())
        else:
            made = MailBoxUnencrypted(host, box.port, seconds)
        password = box.password.get_secret_value() if box.password else ""
        try:
            return made.login(box.user or "", password, box.folder)
        except BaseException:
            with suppress(OSError):
                made.client.shutdown()
            raise

    def _size(self, uid: str) -> int | None:
        for each in self._command("FETCH", uid, "(RFC822.SIZE)"):
            words = (each[0] if isinstance(each, tuple) else each or b"").upper().split(b"RFC822.SIZE")
            if len(words) > 1 and (number := words[1].strip(b" )").split(b" ")[0]).isdigit():
                return int(number)
        return None

    def _content(self, uid: str, part: str) -> bytes | None:
        for each in self._command("FETCH", uid, f"({part})"):
            if isinstance(each, tuple) and b"BODY[" in each[0].upper():
                return each[1]
        return None

    def _command(self, name: str, *words: str) -> list[bytes | tuple[bytes, bytes] | None]:
        if self._open is None:
            raise Away("lost")
        state, answer = self._open.client.uid(name, *words)
        if state != "OK":
            raise Away("refused")
        return answer

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """After any failure the connection is given up: where it stands is not known."""
        try:
            yield
        except MailboxLoginError:
            self._give_up()
            raise Away("login-refused") from None
        except ssl.SSLError:
            self._give_up()
            raise Away("tls-refused") from None
        except Away:
            self._give_up()
            raise
        except (OSError, EOFError, IMAP4.abort):
            opened = self._open is not None
            self._give_up()
            raise Away("lost" if opened else "connect-failed") from None
        except (IMAP4.error, ImapToolsError, ValueError, IndexError, AttributeError, TypeError):
            self._give_up()
            raise Away("not-understood") from None

"""What an SMTP server offers, demands and understands: values and parsing for the catcher."""

import base64
import binascii
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Rule = Callable[[str, str], bytes | Literal["drop", "hang"] | None]

_PATH = re.compile(rb'(?:FROM|TO):\s*<((?:"(?:[^"\\]|\\.)*"|[^">])*)>\s*(.*)', re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_SIZE = re.compile(rb"\bSIZE=(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caught:
    """One mail that was taken. `raw` as it was before dot-stuffing; `at` in seconds, monotonic."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    message_id: str
    at: float


@dataclass(slots=True)
class Terms:
    """What the server offers and demands. `rule` may answer, drop or hang at each stage.

    Stages and their argument: connect "", ehlo NAME, starttls "", auth USER, mail SENDER, rcpt RECIPIENT,
    data "" (before 354), body MESSAGE-ID (complete, not taken yet), taken MESSAGE-ID (taken, not yet
    answered), rset "", noop "", quit "".
    """

    catch: Callable[[Caught], None]
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    credentials: tuple[str, str] | None = None
    rule: Rule | None = None
    utf8: bool = True
    size: int = 35_882_577

    def greeting(self, secure: bool) -> bytes:
        """Answer EHLO. Before TLS a server that has it offers no login."""
        offers = ["kamflow catcher", "PIPELINING", "8BITMIME", f"SIZE {self.size}"]
        if self.utf8:
            offers.append("SMTPUTF8")
        if self.tls and not secure:
            offers.append("STARTTLS")
        elif self.credentials:
            offers.append("AUTH PLAIN LOGIN")
        lines = [f"250-{offer}\r\n" for offer in offers[:-1]]
        return "".join([*lines, f"250 {offers[-1]}\r\n"]).encode()

    def refusal(self, address: str, options: bytes) -> bytes | None:
        """What stands against this sender or recipient, if anything."""
        size = _SIZE.search(options)
        if size and int(size[1]) > self.size:
            return b"552 5.3.4 too large\r\n"
        if not address.isascii() and not (self.utf8 and b"SMTPUTF8" in options.upper()):
            return b"553 5.6.7 an international address needs SMTPUTF8\r\n"
        return None


@dataclass(slots=True)
class Login:
    """Collects user and password from the lines of AUTH PLAIN or AUTH LOGIN."""

    mechanism: bytes
    lines: list[str] = field(default_factory=list)

    def feed(self, line: bytes) -> bytes | tuple[str, str]:
        """The next question, or user and password (empty where they cannot be read)."""
        if line:
            self.lines.append(_decoded(line))
        if self.mechanism == b"PLAIN":
            if not self.lines:
                return b"334 \r\n"
            _, user, password, *_ = [*self.lines[0].split("\0"), "", ""]
            return user, password
        if len(self.lines) < 2:
            return (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n")[len(self.lines)]
        return self.lines[0], self.lines[1]


def path(argument: bytes) -> tuple[str | None, bytes]:
    """Address and options of `FROM:<a@b> SIZE=9`; None where there is no address."""
    match = _PATH.fullmatch(argument)
    return (match[1].decode("utf-8", "replace"), match[2]) if match else (None, b"")


def message_id(raw: bytes) -> str:
    """The Message-ID of a mail, or an empty text."""
    end = raw.find(b"\r\n\r\n")
    match = _MESSAGE_ID.search(raw, 0, end if end >= 0 else len(raw))
    return match[1].decode("utf-8", "replace") if match else ""


def unstuffed(raw: bytes) -> bytes:
    """The body without the dots that SMTP adds at the start of a line."""
    if raw.startswith(b"."):
        raw = raw[1:]
    return raw.replace(b"\r\n.", b"\r\n") if b"\r\n." in raw else raw


def _decoded(line: bytes) -> str:
    try:
        return base64.b64decode(line, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""

"""What an SMTP server offers, demands and understands: values and parsing for the catcher."""

import re
import ssl
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Literal

Said = bytes | Literal["drop", "hang", "trickle"]
Rule = Callable[[str, str], Said | None]

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
    """What the server offers and demands. `rule` may answer, drop, hang or trickle at each stage.

    Stages and their argument: connect "", ehlo NAME, starttls "", handshake "" (after 220, before TLS), auth
    USER, mail SENDER, rcpt RECIPIENT, data "" (before 354), reading "" (the first of the body came), body
    MESSAGE-ID (complete, not taken yet), taken MESSAGE-ID (taken, not yet answered), rset "", noop "",
    quit "". "trickle" answers as usual, but from then on byte by byte.

    `delay` is what the way takes, in seconds for each batch of replies (those to pipelined commands come
    together); `trickle` is the pause between two bytes.
    """

    catch: Callable[[Caught], None]
    tls: ssl.SSLContext | None = None
    implicit_tls: bool = False
    credentials: tuple[str, str] | None = None
    tokens: Container[str] | None = None
    rule: Rule | None = None
    utf8: bool = True
    size: int = 35_882_577
    pipelining: bool = True
    lenient: bool = False
    delay: float = 0.0
    trickle: float = 0.02

    @property
    def demands_login(self) -> bool:
        """Whether nobody sends without a login."""
        return self.credentials is not None or self.tokens is not None

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """The ways to log in."""
        return (("PLAIN", "LOGIN") if self.credentials else ()) + (
            ("XOAUTH2",) if self.tokens is not None else ()
        )

    def admits(self, user: str, proof: str, by_token: bool) -> bool:
        """Whether a password is the right one, or a token one of those that count."""
        if by_token:
            return bool(user) and self.tokens is not None and proof in self.tokens
        return (user, proof) == self.credentials

    def greeting(self, *, secure: bool) -> bytes:
        """Answer EHLO. Before TLS a server that has it offers no login."""
        offers = ["kamflow catcher", "8BITMIME", f"SIZE {self.size}"]
        if self.pipelining:
            offers.append("PIPELINING")
        if self.utf8:
            offers.append("SMTPUTF8")
        if self.tls and not secure:
            offers.append("STARTTLS")
        elif self.mechanisms:
            offers.append(f"AUTH {' '.join(self.mechanisms)}")
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

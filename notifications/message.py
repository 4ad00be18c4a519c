"""What leaves us: a mail, a Slack post, and the receipt for either. Values and bytes, no network."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Literal, NamedTuple

import idna

from notifications.parts import CONTROL, Part, body, refuse_control

OURS = {"from", "to", "cc", "bcc", "subject", "date", "message-id", "mime-version", "auto-submitted"}

_HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_ADDRESS = re.compile(r'("(?:[^"\\]|\\.)+"|[^\s"(),:;<>@\[\\\]]+)@(\[[^\s\[\\\]]+\]|[^\s"(),:;<>@\[\\\]]+)')
_NAMED = re.compile(r'("(?:[^"\\]|\\.)*"|[^"<>]*?)\s*<(.+)>')
# 39 bytes of UTF-8 make an encoded word of 64 characters: with the longest of our names a line below 76.
_WORD_BYTES = 39


class Mailbox(NamedTuple):
    """A display name (may be empty) and an address that SMTP can carry, its domain in ASCII."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient. `to` and `sender` are an address or what `named` made. `raw` is the whole of
    it, where it was `assembled` already.

    Raises:
        ValueError: a control character or a line break in a header; names the field.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    sender: str
    headers: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    raw: bytes = b""

    def __post_init__(self) -> None:
        refuse_control(to=self.to, subject=self.subject, sender=self.sender)
        if not re.fullmatch(r"<[!-;=?-~]+@[!-;=?-~]+>", self.message_id):
            raise ValueError(f"message_id: not <left@right> in ASCII: {self.message_id!r}")
        for name, value in self.headers.items():
            _check_header(name, value)


@dataclass(frozen=True, slots=True)
class SlackPost:
    """One post to one person or channel. `slack_id` (U…, D…, C…) goes before the look-up by `to_email`.
    `replaces` (`<conversation>/<ts>`, as in a receipt) is an earlier post that it takes the place of.
    `since`: before that it cannot have been posted.

    Raises:
        ValueError: none of the three is given, or there is no `text` for notifications and old clients.
    """

    text: str
    blocks: tuple[dict[str, Any], ...]
    message_id: str
    to_email: str | None = None
    slack_id: str | None = None
    replaces: str | None = None
    since: datetime | None = None

    def __post_init__(self) -> None:
        if not (self.to_email or self.slack_id or self.replaces):
            raise ValueError("to_email: a Slack post needs to_email or slack_id")
        if not self.text.strip():
            raise ValueError("text: a Slack post needs a text beside its blocks")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said. `provider_id`: the mail server's last words, or `<conversation>/<ts>`."""

    channel: Literal["email", "slack"]
    address: str
    provider_id: str


def named(name: str, address: str) -> str:
    """`"Witt, Jürgen" <witt@example.com>`: the name quoted, for `Mail.to` and `Mail.sender`."""
    if not name:
        return address
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + f'" <{address}>'


def mailbox(line: str) -> Mailbox:
    """Read an address or `Name <address>`.

    Raises:
        ValueError: anything else, such as two addresses, a comment, or a domain that cannot exist.
    """
    match = _NAMED.fullmatch(line)
    name, address = match.groups() if match else ("", line)
    if name.startswith('"'):
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    parts = _ADDRESS.fullmatch(address)
    if parts is None or CONTROL.search(line):
        raise ValueError("not an e-mail address")
    local, domain = parts.groups()
    return Mailbox(name, f"{local}@{_ascii_domain(domain)}")


def assembled(mail: Mail, date: datetime) -> Mail:
    """The mail as bytes only; one without a right address as it is, for that is said when it is sent."""
    try:
        raw = mime(mail, date)
    except ValueError:
        return mail
    return replace(mail, text="", html="", parts=(), raw=raw)


def mime(mail: Mail, date: datetime) -> bytes:
    """The mail as it goes over the wire, lines ending in CRLF, before dot-stuffing.

    Raises:
        ValueError: `to` or `sender` is not an address.
    """
    if mail.raw:
        return mail.raw
    head = [
        f"From: {_address_header(mailbox(mail.sender))}",
        f"To: {_address_header(mailbox(mail.to))}",
        f"Subject: {_encoded(mail.subject)}",
        f"Date: {format_datetime(date)}",
        f"Message-ID: {mail.message_id}",
        "Auto-Submitted: auto-generated",
        *(f"{name}: {value}" for name, value in mail.headers.items()),
        "",
    ]
    return "\r\n".join(head).encode() + body(mail.text, mail.html, mail.parts, mail.message_id)


def _address_header(box: Mailbox) -> str:
    if not box.name:
        return box.address
    if _plain(box.name):
        return named(box.name, box.address)
    return f"{_encoded(box.name)}\r\n <{box.address}>"


def _encoded(text: str) -> str:
    """The text itself, or as encoded words when a reader would not get back the same text."""
    if _plain(text):
        return text
    words = (base64.b64encode(chunk).decode() for chunk in _chunks(text))
    return "\r\n ".join(f"=?utf-8?B?{word}?=" for word in words)


def _plain(text: str) -> bool:
    return len(text) <= 60 and text.isascii() and "=?" not in text and text == " ".join(text.split())


def _chunks(text: str) -> Iterator[bytes]:
    rest = text.encode()
    while len(rest) > _WORD_BYTES:
        end = _WORD_BYTES
        while rest[end] & 0xC0 == 0x80:  # amid a character
            end -= 1
        yield rest[:end]
        rest = rest[end:]
    yield rest


def _ascii_domain(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError(f"not a domain: {error}") from None


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in OURS or name.lower().startswith("content-"):
        raise ValueError(f"headers: {name!r} is no header name, or one that kamflow writes itself")
    refuse_control(**{f"headers[{name}]": value})
    if not value.isascii() or len(value) > 900:
        raise ValueError(f"headers[{name}]: must be ASCII and below 900 characters")

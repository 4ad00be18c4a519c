"""A mail as it came, read with caution: strangers write it, and some of it is broken.

Sizes are looked at before anything is parsed: a mail with hundreds of parts or nested without end is not
opened at all. What cannot be read is no error here, it is said in `broken`.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses
from html.parser import HTMLParser

LARGEST = 10_000_000  # bytes of a mail that is opened
MOST_PARTS = 200
LONGEST_LINE = 200  # characters of a line that may be a reply
_LONGEST_ID = 250
_PART = re.compile(rb"^content-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_PLAIN = re.compile(r"[^\x00-\x20\x7f-\x9f\ud800-\udfff]{3,254}")
_IDS = re.compile(r"<[!-;=?-~]{1,250}>")
OWN = "X-Kamflow-Forwarded"


@dataclass(frozen=True, slots=True)
class Received:
    """One mail. `whole` is its tree of parts, None where it is too large, too nested or broken."""

    id: str
    raw: bytes
    head: Message
    whole: Message | None
    broken: str | None = None

    @property
    def sender(self) -> str:
        """The one address it says to come from; empty where it names none, or several."""
        found = _addresses(self.head, "From")
        return found[0] if len(found) == 1 and len(self.head.get_all("From", [])) == 1 else ""

    @property
    def recipients(self) -> frozenset[str]:
        """All addresses it went to, in lower case."""
        return frozenset(each for name in _ADDRESSED for each in _addresses(self.head, name))

    @property
    def automatic(self) -> bool:
        """A machine wrote it, or a list sent it: nobody reads an answer, and an answer may come back."""
        said = _word(self.head, "Auto-Submitted")
        return (
            said not in ("", "no")
            or _word(self.head, "Precedence") in ("bulk", "junk", "list", "auto_reply")
            or any(each in self.head for each in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From"))
            or any(name.lower().startswith("list-") for name in self.head)
            or _word(self.head, "Return-Path") == "<>"
        )

    def parts(self) -> Iterator[Message]:
        """Its parts that hold something, in order; not those within a mail that is attached."""
        if self.whole is not None:
            yield from _leaves(self.whole)

    def first_line(self) -> str:
        """The first line somebody wrote, without what is quoted; empty where there is none."""
        for part in self.parts():
            if part.get_content_disposition() == "attachment":
                continue
            if part.get_content_type() == "text/plain":
                return _first(text_of(part))
            if part.get_content_type() == "text/html":
                return _first(_seen(text_of(part)))
        return ""


def read(raw: bytes, *, whole: bool = True) -> Received:
    """Read a mail; `whole` False: these are only its headers."""
    head_bytes = _head(raw)
    head = message_from_bytes(head_bytes, policy=compat32)
    number = _identity(head, raw)
    broken = None if whole else "too-large"
    if len(raw) > LARGEST:
        broken = "too-large"
    elif len(_PART.findall(raw)) > MOST_PARTS:
        broken = "too-many-parts"
    if broken is not None:
        return Received(number, raw, head, None, broken)
    try:
        return Received(number, raw, head, message_from_bytes(raw, policy=compat32))
    except Exception as error:  # noqa: BLE001 - mails of strangers; the parser raises what it likes
        return Received(number, raw, head, None, type(error).__name__)


def text_of(part: Message) -> str:
    """A part as text, whatever its encoding says."""
    try:
        raw = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - the same
        return ""
    if not isinstance(raw, bytes):
        return ""
    try:
        return raw.decode(part.get_content_charset("utf-8") or "utf-8", "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def header(message: Message, name: str) -> str:
    """A header on one line; empty where it is absent or unreadable."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except Exception:  # noqa: BLE001 - the same
        return ""


def ids(message: Message, *names: str) -> tuple[str, ...]:
    """The Message-IDs in these headers, at most a few dozen."""
    return tuple(found for name in names for found in _IDS.findall(header(message, name)[:8000]))[:50]


def _head(raw: bytes) -> bytes:
    ends = [end for mark in (b"\r\n\r\n", b"\n\n") if (end := raw.find(mark)) >= 0]
    return raw[: min(ends)] + b"\r\n\r\n" if ends else raw[:100_000]


def _identity(head: Message, raw: bytes) -> str:
    """Its Message-ID, or one made from its bytes."""
    found = ids(head, "Message-ID")
    if found and len(found[0]) <= _LONGEST_ID:
        return found[0]
    return f"<{hashlib.sha256(raw).hexdigest()}@no-message-id>"


def _addresses(message: Message, name: str) -> list[str]:
    try:
        lines = [str(each)[:20_000] for each in message.get_all(name, [])]
        found = [address.strip().casefold() for _, address in getaddresses(lines) if "@" in address]
        return [each if _PLAIN.fullmatch(each) else "" for each in found]
    except Exception:  # noqa: BLE001 - the same
        return []


def _word(message: Message, name: str) -> str:
    return header(message, name).partition(";")[0].strip().lower()


def _leaves(part: Message) -> Iterator[Message]:
    pending = [part]
    while pending:
        each = pending.pop(0)
        inner = each.get_payload() if each.is_multipart() else None
        if isinstance(inner, list) and each.get_content_maintype() == "multipart":
            pending = [child for child in inner if isinstance(child, Message)] + pending
        else:
            yield each


def _first(text: str) -> str:
    for line in text[:20_000].splitlines():
        said = " ".join(line.replace("\ufeff", " ").replace("\u200b", " ").split())
        if said:
            return "" if said.startswith(">") else said[:LONGEST_LINE]
    return ""


class _Seen(HTMLParser):
    """The text of a page as it is seen, a line for each block."""

    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "blockquote", "body"})
    _UNSEEN = frozenset({"head", "style", "script", "title"})

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in self._UNSEEN
        if tag in self._BLOCKS:
            self.said.append("\n")
        if tag == "blockquote":
            self.said.append(">")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in self._UNSEEN and self._unseen > 0
        if tag in self._BLOCKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.said.append(data.replace("\n", " "))


def _seen(page: str) -> str:
    parser = _Seen()
    try:
        parser.feed(page[:100_000])
        parser.close()
    except Exception:  # noqa: BLE001 - the same
        return ""
    return "".join(parser.said)

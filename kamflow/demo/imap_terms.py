"""What an IMAP conversation of the fake server goes by: its mails, who may log in, what a test wants."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

# Asked with each command and its first word, such as "UID FETCH 7"; None: as usual, "drop": hang up,
# "hang": no answer, bytes: that state and text instead of OK, such as b"NO not today".
Rule = Callable[[str], str | bytes | None]


@dataclass
class Kept:
    """A mail in the box."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)

    @property
    def head(self) -> bytes:
        """Its headers with the empty line after them."""
        end = self.raw.find(b"\r\n\r\n")
        return self.raw if end < 0 else self.raw[: end + 4]

    @property
    def seen(self) -> bool:
        return "\\Seen" in self.flags


class Terms(NamedTuple):
    """One server's terms for a session."""

    user: str
    password: str
    folder: str
    kept: list[Kept]
    heard: Rule


_SECTION = re.compile(r"BODY(\.PEEK)?\[(HEADER)?\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
_WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"|(\([^)]*\))|(\S+)')


def words(line: bytes) -> list[str]:
    """The arguments of a command: atoms, quoted strings and lists."""
    found: list[str] = []
    for quoted, several, atom in _WORD.findall(line):
        text = re.sub(rb"\\(.)", rb"\1", quoted) if not (several or atom) else several or atom
        found.append(text.decode("utf-8", "replace"))
    return found


def matching(mails: list[Kept], keys: list[str]) -> list[Kept] | None:
    """The mails that a SEARCH finds; None: a key that is not known."""
    found = list(mails)
    for key in (each.upper() for each in keys):
        if key == "ALL":
            continue
        word = key.removeprefix("UN").removeprefix("NOT ")
        if word not in ("SEEN", "DELETED", "FLAGGED", "ANSWERED"):
            return None
        flag = f"\\{word.capitalize()}"
        found = [each for each in found if (flag in each.flags) is not key.startswith("UN")]
    return found


def answer(mail: Kept, number: int, wanted: str) -> bytes | None:
    """The line of a FETCH; None: something that is not known."""
    said = [f"UID {mail.uid}".encode()]
    rest = _SECTION.sub("", wanted.strip("()")).split()
    if any(each.upper() not in ("RFC822.SIZE", "FLAGS", "UID") for each in rest):
        return None
    if "RFC822.SIZE" in wanted.upper():
        said.append(f"RFC822.SIZE {len(mail.raw)}".encode())
    if "FLAGS" in wanted.upper().split():
        said.append(f"FLAGS ({' '.join(sorted(mail.flags))})".encode())
    for peek, head, start, length in _SECTION.findall(wanted):
        content = mail.head if head else mail.raw
        if start:
            content = content[int(start) : int(start) + int(length)]
        mark = f"BODY[{head.upper()}]{f'<{start}>' if start else ''} {{{len(content)}}}\r\n"
        said.append(mark.encode() + content)
        if not peek:
            mail.flags.add("\\Seen")
    return b"* %d FETCH (%b)\r\n" % (number, b" ".join(said))

"""What the page shows: per person what arrived when, why, and what became of it. Values only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from kamflow.demo.diary import Diary

# As the page lists them.
ROLES = ("kam", "head", "sponsor", "specialist", "assistant", "operations", "contact")


@dataclass(frozen=True)
class Line:
    """A nudge in a message. `fate`, with a day: closed, word, lapsed, paused, snoozed, handed over, open."""

    account: str
    step: str
    reason: str
    fate: str
    on: date | None = None
    stage: str = ""
    rule: str = ""


@dataclass(frozen=True)
class Received:
    """A mail (`html`, `text`) or a Slack post (`blocks`). `at` is the reader's local time.

    `kind`: nudges, document, calendar, invitation, notice; only nudges have lines. `copy` is whose paper an
    assistant reads along; `files` are attached; `ts` is the post's own number.
    """

    number: int
    at: datetime
    channel: Literal["email", "slack"]
    subject: str
    occasion: str
    lines: tuple[Line, ...]
    more: int = 0
    html: str = ""
    text: str = ""
    blocks: tuple[dict[str, Any], ...] = ()
    kind: str = "nudges"
    copy: str = ""
    files: tuple[str, ...] = ()
    ts: str = ""


@dataclass(frozen=True)
class Deed:
    """Something the reader did, with names."""

    at: datetime
    what: str
    account: str = ""
    contacts: tuple[str, ...] = ()
    day: date | None = None
    until: date | None = None
    section: int | None = None
    other: str = ""
    step: str = ""
    score: int | None = None
    about: str = ""


@dataclass
class Reader:
    """One of our people, or (role contact) somebody at a customer, and all that happened to them."""

    key: str
    name: str
    position: str
    role: str
    channel: str
    digest: str
    language: str
    received: list[Received] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if not word.endswith(".")]
        return (words[0][0] + words[-1][0]).upper()

    def days(self) -> list[tuple[date, list[Received], list[Deed]]]:
        """Day by day what arrived and what was done, the newest day last."""
        known = sorted({each.at.date() for each in (*self.received, *self.deeds)})
        return [
            (
                day,
                [each for each in self.received if each.at.date() == day],
                [each for each in self.deeds if each.at.date() == day],
            )
            for day in known
        ]


@dataclass(frozen=True)
class Show:
    """Everything the page needs."""

    company: str
    readers: tuple[Reader, ...]
    diary: Diary

    def reader(self, key: str | None) -> Reader:
        """The reader with this key, else the one who got most."""
        found = next((reader for reader in self.readers if reader.key == key), None)
        return found or max(self.readers, key=lambda reader: len(reader.received))

    def message(self, number: int) -> Received | None:
        """The message with this number."""
        return next((m for reader in self.readers for m in reader.received if m.number == number), None)


def by_role(readers: Iterable[Reader]) -> dict[str, list[Reader]]:
    """Readers by role, in the order in which the page lists them."""
    found: defaultdict[str, list[Reader]] = defaultdict(list)
    for reader in readers:
        found[reader.role].append(reader)
    return {role: found[role] for role in ROLES if role in found}

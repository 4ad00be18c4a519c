"""What was done on stage: a diary of acts, figures per day."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class Act:
    """Something a person did; `person` is None where a contact (the first of `contacts`) did it.

    `what`: held, booked, cancelled, snoozed, handed over, done, filled, submitted, approved, returned,
    absent, calendar; measure done, measure moved, delivered, refused, commented, revenue, accepted, paused;
    meeting booked, meeting moved, noted, released; struck, answered.
    """

    at: datetime
    person: int | None
    what: str
    account: int | None = None
    contacts: tuple[int, ...] = ()
    day: date | None = None
    until: date | None = None
    section: int | None = None
    other: int | None = None
    step: str = ""
    score: int | None = None
    measure: int | None = None
    kind: str = ""


@dataclass
class Day:
    """The figures of one day: what the night decided (and a person closed by word), what was told."""

    day: date
    opened: int = 0
    updated: int = 0
    closed: int = 0
    told: int = 0
    mails: int = 0
    posts: int = 0
    failed: int = 0


@dataclass
class Diary:
    """All days and acts, and the last day once more (opened, sent)."""

    days: list[Day] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    again: tuple[int, int] = (0, 0)

    def total(self, name: str) -> int:
        """The sum of a figure over all days."""
        return sum(getattr(day, name) for day in self.days)

    def today(self, day: date) -> set[tuple[int | None, int | None]]:
        """Who did something about which account on a day."""
        return {(act.person, act.account) for act in self.acts if act.at.date() == day}

"""The account plan as a document: what it shows, how fresh each category is, and what is still missing.

All is told as it was written, names already looked up: the plan is internal and is kept nowhere but in its
own rows. What nobody knows is None or empty, never 0.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kamflow.documents.account_plan.lines import (
    Competitor,
    Contact,
    Finding,
    Gap,
    Goal,
    Measure,
    Position,
    Project,
    Question,
    Revenue,
    Text,
)
from kamflow.periods import Period

Freshness = Literal["empty", "fresh", "stale"]
CONTROLLING = 10


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the plan. `state` is a code, `state_on` the day on which it came to that."""

    account: str
    key: str
    account_class: str | None
    address: str
    industry: str | None
    year: Period
    called: str
    form: str
    state: str
    state_on: date | None = None
    decided_by: str | None = None
    comment: Text = ()
    document_url: str | None = None
    kam: tuple[str, ...] = ()
    sponsor: tuple[str, ...] = ()
    team: tuple[str, ...] = ()
    author: str | None = None
    approvers: tuple[str, ...] = ()
    hand_in: date | None = None
    created: date | None = None
    updated: date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands under a question of the form, such as `finances`; `finding` while it is a "?"."""

    code: str
    text: Text = ()
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One category: the day it was filled and looked through last, its remarks and its answers."""

    number: int
    filled_on: date | None = None
    reviewed_on: date | None = None
    remarks: Text = ()
    answers: tuple[Answer, ...] = ()

    @property
    def as_of(self) -> date | None:
        """The day on which somebody last stood by what is in it."""
        days = [day for day in (self.filled_on, self.reviewed_on) if day is not None]
        return max(days) if self.filled_on is not None and days else None

    def freshness(self, today: date, stale_after: int) -> Freshness:
        """Stale is what nobody filled or looked through for so many days."""
        if self.as_of is None:
            return "empty"
        return "stale" if self.as_of < today - timedelta(days=stale_after) else "fresh"

    def text(self, code: str) -> Text:
        """What stands under a code."""
        return next((each.text for each in self.answers if each.code == code), ())

    @property
    def unknown(self) -> int:
        """How many of its questions have no answer yet."""
        return sum(1 for each in self.answers if each.finding is not None)


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """All of one account and fiscal year as of a day."""

    head: Head
    as_of: date
    currency: str
    stale_after: int
    sections: tuple[Section, ...]
    revenue: Revenue
    projects: tuple[Project, ...] = ()
    contacts: tuple[Contact, ...] = ()
    competitors: tuple[Competitor, ...] = ()
    position: Position | None = None
    gaps: tuple[Gap, ...] = ()
    measures: tuple[Measure, ...] = ()
    goals: tuple[Goal, ...] = ()
    questions: tuple[Question, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        """The categories of its form."""
        return tuple(each.number for each in self.sections)

    def section(self, number: int) -> Section | None:
        """A category; None where the form does not have it."""
        return next((each for each in self.sections if each.number == number), None)

    def freshness(self, number: int) -> Freshness:
        section = self.section(number)
        return section.freshness(self.as_of, self.stale_after) if section else "empty"

    def projects_in(self, state: str) -> tuple[Project, ...]:
        """The projects in a state."""
        return tuple(each for each in self.projects if each.state == state)

    @property
    def stale(self) -> tuple[int, ...]:
        """The categories that nobody stood by for too long."""
        return tuple(number for number in self.numbers if self.freshness(number) == "stale")

    @property
    def empty(self) -> tuple[int, ...]:
        """The categories in which nothing stands yet."""
        return tuple(number for number in self.numbers if self.freshness(number) == "empty")

    @property
    def unknown(self) -> int:
        """How many "?" are open."""
        own = sum(each.unknown for each in self.sections)
        return own + sum(1 for each in self.questions if each.answered_on is None)

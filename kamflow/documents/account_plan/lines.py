"""What the lists and tables of an account plan show: revenue, projects, contacts, measures …"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from kamflow.figures import portfolio

# A text in paragraphs, none of them empty.
Text: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Who finds an answer out, until when, and whom they ask."""

    person: str | None = None
    due: date | None = None
    ask: str | None = None


@dataclass(frozen=True, slots=True)
class RevenueLine:
    """One product group ("" is none) or the total: amounts by year, changes in % from the second year on."""

    group: str
    amounts: tuple[Decimal | None, ...]
    changes: tuple[Decimal | None, ...]
    comment: Text = ()


@dataclass(frozen=True, slots=True)
class Revenue:
    """Three years and what is expected of the plan's. `ahead` is forecast, target or None;
    `running` the place of the year that is not over, of which all is known `until`; it is compared by its
    whole months until `compared`. `since`: the first day that is known at all, where it lies within a year
    (`partly`): that one is compared with nothing."""

    years: tuple[str, ...]
    lines: tuple[RevenueLine, ...] = ()
    total: RevenueLine | None = None
    ahead: str | None = None
    running: int | None = None
    until: date | None = None
    sources: tuple[str, ...] = ()
    since: date | None = None
    partly: int | None = None
    compared: date | None = None

    @property
    def growth(self) -> Decimal | None:
        """The change of the last year before the plan's."""
        return self.total.changes[-2] if self.total and len(self.total.changes) > 1 else None


@dataclass(frozen=True, slots=True)
class Project:
    """An opportunity: `state` open, won or lost (to whom)."""

    name: str
    state: str
    stage: str | None = None
    value: Decimal | None = None
    currency: str | None = None
    chance: int | None = None
    close_on: date | None = None
    lost_to: str | None = None
    comment: Text = ()
    as_of: date | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    position: str | None
    influence: int | None
    last_held: date | None
    times: int


@dataclass(frozen=True, slots=True)
class Competitor:
    name: str
    rank: int
    revenue: Decimal | None
    strengths: Text
    weaknesses: Text
    noted_on: date | None


@dataclass(frozen=True, slots=True)
class Position:
    """Where the account stood in the portfolio on a day; 0 to 100 each."""

    rated_on: date
    attractiveness: int | None
    competitive: int | None
    strategy: Text = ()

    @property
    def field(self) -> portfolio.Field | None:
        return portfolio.field(self.attractiveness, self.competitive)


@dataclass(frozen=True, slots=True)
class Gap:
    """One service against the customer's need and the best competitor, and what we do about it."""

    service: str
    need: str | None
    competitor: str | None
    competitor_name: str | None
    factor: str | None
    action: Text
    chance: bool
    rated_on: date | None


@dataclass(frozen=True, slots=True)
class Measure:
    title: str
    topic: str | None
    side: str
    owner: str | None
    due_on: date | None
    done_on: date | None
    moved: str | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    figure: str
    amount: Decimal | None
    unit: str | None
    due_on: date | None
    text: Text = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A "?" that is none of the form's own questions; `answer` where it has one by now."""

    text: Text
    section: int | None
    finding: Finding
    answer: Text = ()
    answered_on: date | None = None


def paragraphs(text: str | None) -> Text:
    """A text as written, cut at its line breaks."""
    return tuple(line for line in map(str.strip, (text or "").splitlines()) if line)

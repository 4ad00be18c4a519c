"""What stands on each page of the folder for the customer.

These classes are all that a folder can say: there is no place in them for how often we mean to meet somebody,
how much influence they have, what a service was given in return for, goals, margins, forecasts, competitors,
gaps, complaints or open questions. `store/customer_view.py` names the columns they may be filled from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TypeAlias

from kamflow.periods import Period

Text: TypeAlias = tuple[str, ...]
# Services and measures of the year up to the meeting.
WITHIN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Somebody:
    """Someone of either side by name."""

    name: str
    position: str | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """`number` is which talk of a negotiation it is; None where there is one."""

    account: str
    year: str
    day: date
    place: str | None = None
    number: int | None = None
    words: Text = ()


@dataclass(frozen=True, slots=True)
class Agenda:
    """When (ISO, to be shown in the customer's zone), where, with whom, and about what: `words`, else the
    pages of the folder (`points`)."""

    day: date
    time: str | None = None
    zone: str = "UTC"
    place: str | None = None
    theirs: tuple[Somebody, ...] = ()
    ours: tuple[Somebody, ...] = ()
    words: Text = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """What is talked about, with whom of both sides."""

    text: str
    theirs: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topics:
    topics: tuple[Topic, ...] = ()
    words: Text = ()


@dataclass(frozen=True, slots=True)
class Revenue:
    """What the customer bought of a product group ("" is none) or in all, by year."""

    group: str
    amounts: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """`running`: the last year is not over, its amounts go until `until`. It is compared by whole months
    until `compared`: those came to `now`, the same months of the year before to `before`."""

    years: tuple[str, ...]
    lines: tuple[Revenue, ...] = ()
    total: Revenue | None = None
    running: bool = False
    until: date | None = None
    compared: date | None = None
    now: Decimal | None = None
    before: Decimal | None = None
    words: Text = ()

    @property
    def changes(self) -> tuple[Decimal | None, ...]:
        """In % of the total against the year before, from the second year on; None where unknown."""
        if self.total is None:
            return ()
        amounts = self.total.amounts
        pairs = list(pairwise(reversed(amounts)))[::-1]
        if self.running and pairs:
            pairs[-1] = (self.now, self.before)
        return tuple(_change(now, before) for now, before in pairs)


@dataclass(frozen=True, slots=True)
class Given:
    """A service that the customer received, what it is worth, whether that was charged; None: not said."""

    service: str
    day: date
    quantity: Decimal | None = None
    unit: str | None = None
    value: Decimal | None = None
    hours: Decimal | None = None
    co2_kg: Decimal | None = None
    charged: bool | None = None


@dataclass(frozen=True, slots=True)
class Services:
    first: date
    last: date
    given: tuple[Given, ...] = ()
    words: Text = ()

    @property
    def value(self) -> Decimal | None:
        """What is known of the value of all; None where nothing is."""
        return _sum(each.value for each in self.given)

    @property
    def waived(self) -> Decimal | None:
        """What is known of the value that was not charged."""
        return _sum(each.value for each in self.given if each.charged is False)

    @property
    def unstated(self) -> Decimal | None:
        """What is known of the value of which nobody said whether it was charged."""
        return _sum(each.value for each in self.given if each.charged is None)


@dataclass(frozen=True, slots=True)
class Step:
    """A measure that the customer may know; `side` is ours, customer or joint."""

    title: str
    side: str
    owner: str | None = None
    due_on: date | None = None
    done_on: date | None = None


@dataclass(frozen=True, slots=True)
class Steps:
    """Measures done since `since`, or those to come."""

    steps: tuple[Step, ...] = ()
    since: date | None = None
    words: Text = ()


@dataclass(frozen=True, slots=True)
class Next:
    """Further talks of this meeting, and the measures that are due first."""

    talks: tuple[date, ...] = ()
    steps: tuple[Step, ...] = ()
    words: Text = ()


Page: TypeAlias = Title | Agenda | Topics | Figures | Services | Steps | Next


def meant(side: str, for_customer: bool | None) -> bool:
    """Whether a measure is for the customer's eyes: as its KAM said, else unless it is ours alone."""
    return side != "ours" if for_customer is None else for_customer


def window(day: date) -> Period:
    """The days up to a meeting of which services and measures are told."""
    return Period(day - WITHIN, day)


def _change(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return None if now is None or not then or then < 0 else (now - then) * 100 / then


def _sum(values: Iterable[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, Decimal()) if known else None

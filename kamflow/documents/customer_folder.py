"""The folder that stays with the customer at the annual meeting: what may stand in it, page by page.

These classes are all that a folder can say: there is no place in them for how often we mean to meet somebody,
how much influence they have, what a service was given in return for, goals, margins, forecasts, competitors,
gaps, complaints or open questions. `store/customer_view.py` names the columns they may be filled from.

A page goes into the folder once the KAM ticked it. The tick holds for what the page said then (`digest`): a
page that says something else by now needs another one.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from kamflow.periods import Period

# The pages in their order.
PAGES = ("title", "agenda", "topics", "figures", "services", "done", "plan", "next")
Standing = Literal["ticked", "changed", "open"]
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
    """When (ISO, to be shown in the customer's zone), where and with whom."""

    day: date
    time: str | None = None
    zone: str = "UTC"
    place: str | None = None
    theirs: tuple[Somebody, ...] = ()
    ours: tuple[Somebody, ...] = ()
    words: Text = ()


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
    """`running`: the last year is not over, its amounts go until `until`; `before` is what the same days of
    the year before came to."""

    years: tuple[str, ...]
    lines: tuple[Revenue, ...] = ()
    total: Revenue | None = None
    running: bool = False
    before: Decimal | None = None
    until: date | None = None
    words: Text = ()

    @property
    def changes(self) -> tuple[Decimal | None, ...]:
        """In % of the total against the year before, from the second year on; None where unknown."""
        if self.total is None:
            return ()
        amounts = list(self.total.amounts)
        then = [*amounts[:-1]]
        if self.running and then:
            then[-1] = self.before
        return tuple(_change(now, before) for now, before in zip(amounts[1:], then, strict=True))


@dataclass(frozen=True, slots=True)
class Given:
    """A service that the customer received, what it is worth, and whether that was charged."""

    service: str
    day: date
    quantity: Decimal | None = None
    unit: str | None = None
    value: Decimal | None = None
    hours: Decimal | None = None
    co2_kg: Decimal | None = None
    waived: bool = True


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
        return _sum(each.value for each in self.given if each.waived)


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


@dataclass(frozen=True, slots=True)
class Folder:
    """The pages of a folder; None is a page that is not in it. `language` is the customer's (`de_AT`)."""

    account: str
    year: str
    language: str
    currency: str
    as_of: date
    title: Title | None = None
    agenda: Agenda | None = None
    topics: Topics | None = None
    figures: Figures | None = None
    services: Services | None = None
    done: Steps | None = None
    plan: Steps | None = None
    next: Next | None = None

    @property
    def pages(self) -> tuple[str, ...]:
        """The codes of the pages in it."""
        return tuple(page for page in PAGES if getattr(self, page) is not None)

    def only(self, pages: Iterable[str]) -> "Folder":
        """The folder with these pages and no other."""
        kept = set(pages)
        return replace(self, **{page: None for page in PAGES if page not in kept})

    def digests(self) -> dict[str, str]:
        """Page -> what a tick on it holds for."""
        return {page: digest(getattr(self, page)) for page in self.pages}


def standing(digest_now: str, ticked: str | None) -> Standing:
    """How a page stands, by what it says now and what it said when it was ticked."""
    if ticked is None:
        return "open"
    return "ticked" if ticked == digest_now else "changed"


def ready(folder: Folder, ticks: Mapping[str, str | None]) -> Folder:
    """The folder as it may be handed over: the pages that were ticked as they are now."""
    now = folder.digests()
    return folder.only(page for page in now if standing(now[page], ticks.get(page)) == "ticked")


def digest(page: Page) -> str:
    """The same for the same page, whatever day it is."""
    told = json.dumps(asdict(page), default=_plain, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(f"{type(page).__name__}{told}".encode()).hexdigest()


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


def _plain(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value.isoformat()

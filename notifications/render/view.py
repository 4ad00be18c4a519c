"""What a message is rendered from: values with everything looked up, nothing from the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from kamflow.store.names import Names

Reason = Literal["opened", "stage", "due", "overdue", "back", "ladder"]
Occasion = Literal["daily", "catch-up", "return", "now"]


@dataclass(frozen=True)
class Ways:
    """Where the buttons of a message lead: made before rendering, which signs nothing.

    `nudges`: the page of each nudge for this reader; `pages`: its rule's own page; `forms`: the CRM's form
    that logs a contact, by account; `own_list`: the reader's list. What is not there has no address.
    """

    nudges: Mapping[int, str] = field(default_factory=dict)
    pages: Mapping[int, str] = field(default_factory=dict)
    forms: Mapping[int, str] = field(default_factory=dict)
    own_list: str | None = None


@dataclass(frozen=True)
class Posting:
    """What may stand in a post: `reference` no contact's name, no figure; `buttons` where clicks reach us."""

    reference: bool = False
    buttons: bool = True


@dataclass(frozen=True)
class PersonView:
    """Who reads it."""

    id: int
    name: str
    language: str
    zone: str


@dataclass(frozen=True)
class NudgeView:
    """One open nudge as it is told. `for_person` is set where a deputy is told in place of someone.

    `reminder` is the how-manieth reminder it is, 0 where it is none. With the reason "ladder" the reader is
    the next one to be told: `rung` 1 is `why.next`, 2 is `why.then`; `overdue` counts working days.
    """

    id: int
    rule: str
    step: str
    stage: str
    account: int | None
    owner: int
    since: date
    due_on: date
    urgency: str
    weight: float
    facts: Mapping[str, Any]
    why: Mapping[str, Any]
    reason: Reason
    reminder: int = 0
    for_person: int | None = None
    overdue: int | None = None
    rung: int = 0
    closes_by: str = "facts"


@dataclass(frozen=True)
class ItemView:
    """Nudges that are shown and counted as one."""

    nudges: tuple[NudgeView, ...]


@dataclass(frozen=True)
class PausedView:
    """A source whose data is too old, of which day it is, and the rules whose reminders wait for it."""

    source: str
    day: date
    rules: tuple[str, ...]


@dataclass(frozen=True)
class NudgesView:
    """A digest or an urgent message. `more` counts items that are open but not listed, `without_kam`
    accounts that nobody looks after (said to the head once a week). `paused` is the data that reminders wait
    for; `back`: it came in."""

    recipient: PersonView
    day: date
    items: tuple[ItemView, ...]
    names: Names
    company: str
    occasion: Occasion = "daily"
    more: int = 0
    without_kam: int = 0
    paused: tuple[PausedView, ...] = ()
    back: bool = False
    account_url: str | None = None
    currency: str = "EUR"
    redirected_from: str | None = None
    ways: Ways = field(default_factory=Ways)
    answered: bool = False  # a reply to the mail acts
    posting: Posting = Posting()

"""What the rule `annual_meeting` is told of one account and fiscal year."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from kamflow.figures.deadline import Asked
from kamflow.periods import Period
from kamflow.workdays import Calendar, Quiet

Kind = Literal["strategic", "negotiation"]
State = Literal["booked", "held", "cancelled"]
Change = Literal["figure", "time", "attendee"]


class Entry(NamedTuple):
    """The calendar entries of a person for a round.

    `made`: how many there were so far. `told`: the revision of which the last one invites, None where it
    takes the invitation back or was stopped because the person was not expected. `invited`: the last one
    that was not lost is an invitation.
    """

    made: int = 0
    told: int | None = None
    invited: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """A talk with a date; one without is not booked and does not come here.

    `revision` counts its moves. `fixed_on`: the local day on which its present date was fixed (booked, or
    moved last); `moved_from`: the date it had before the moves of that day, None where it never moved.
    `people`: our people who attend and are here. `entry_revision` counts what changes a calendar entry:
    another day, time or place. `entries`: what was sent to whom. `unreviewed`: those who were sent the
    briefing for this date before it was released. `changed`: what differs from the briefing last sent to a
    person, by person, compared for a meeting today. `minutes_on`: the word on step `minutes`.
    """

    id: int
    day: date
    number: int = 1
    state: State = "booked"
    revision: int = 0
    fixed_on: date | None = None
    moved_from: date | None = None
    from_calendar: bool = False
    people: tuple[Asked, ...] = ()
    entry_revision: int = 0
    entries: Mapping[int, Entry] = field(default_factory=dict)
    unreviewed: frozenset[int] = frozenset()
    changed: Mapping[int, tuple[Change, ...]] = field(default_factory=dict)
    minutes_on: date | None = None


class Need(NamedTuple):
    """What a department is asked for before every annual meeting, from the rules of collaboration.

    `lead_time`: wd agreed before the customer date. `calendar`: of the specialist in charge, else of the
    lead of the department, else of the company. `asked`: a request of this kind for this meeting exists.
    """

    department: int
    kind: str
    lead_time: int
    calendar: Calendar
    asked: bool = False


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """An open account and a fiscal year: this, the next, and the last one where it has a meeting.

    `calendar`: days on which both the company and the customer work. `kam`: who is in charge and here.
    `sponsor`: of the account, here. `board`: someone of the board is expected, ours (sponsor or attendee)
    or theirs (attendee, else a contact of the board with a target). `month`: the planned month as the field
    says, `last_month` that of last year's first round; `month_on`: the day on which the field was set.
    `agenda_on`, `followed_up_on`: words on these steps. `released_on`, `released_revision`: when the
    briefing was released last, and for which revision of the first round. `begins`: the account's go-live.
    """

    account: int
    year: Period
    calendar: Calendar
    quiet: Quiet
    kam: Asked | None = None
    account_class: str | None = None
    meeting: int | None = None
    kind: Kind = "strategic"
    rounds: tuple[Round, ...] = ()
    agreed_on: date | None = None
    month: int | None = None
    last_month: int | None = None
    month_on: date | None = None
    board: bool = False
    sponsor: Asked | None = None
    needs: tuple[Need, ...] = ()
    agenda_on: date | None = None
    released_on: date | None = None
    released_revision: int | None = None
    followed_up_on: date | None = None
    begins: date | None = None

"""Say that a round took place, that both sides agreed, and in which month the next meeting is planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kamflow.acts import meeting, meeting_contacts, meeting_fit, meeting_round
from kamflow.acts.acting import Acting
from kamflow.acts.meeting import Arranged
from kamflow.acts.meeting_round import Booking
from kamflow.errors import InputError, NotFound
from kamflow.models.meeting import MeetingKind
from kamflow.store import rounds
from kamflow.store.rounds import Talk
from kamflow.store.rows import stored


@dataclass(frozen=True)
class Held:
    """What took place: a round that is booked, or with its day one that nobody had booked here.

    Who is named attended, in place of who was expected.
    """

    account: int
    number: int | None = None
    day: date | None = None
    kind: str | None = None
    persons: Sequence[int] = ()
    contacts: Sequence[int] = ()


@dataclass(frozen=True)
class Agreed:
    """`state` is agreed or already."""

    account: int
    meeting: int
    state: str
    agreed_on: date


@dataclass(frozen=True)
class Planned:
    """`state` is planned or already; `was` the month until now."""

    account: int
    state: str
    month: int
    was: int | None


def held(desk: Acting, told: Held) -> Arranged:
    """Note that a round was held; with people of both sides it counts as their contact.

    Raises:
        InputError: its day is still to come, or it was cancelled.
        NotAllowed, NotFound: see `rights.for_meeting`; nothing is booked and no day is given.
    """
    meeting_round.begin(desk, told.account, "note that its annual meeting was held")
    if told.day is not None and told.day > desk.today:
        raise InputError(f"{told.day} is still to come: book it (`kamflow meeting book`)")
    talk = _round(desk, told)
    row, before = talk.round, meeting_contacts.seen(desk, talk)
    if row.state == "held" and told.day in (None, row.day) and not told.persons and not told.contacts:
        return meeting.said(talk, "already")
    was, day = row.day, told.day or row.day
    if row.state == "cancelled" and told.day is None:
        raise InputError(f"round {row.number} was cancelled: say on which day it was held (--on DAY)")
    if day is None or day > desk.today:
        raise InputError(f"round {row.number} is booked for {day}: say on which day it was held (--on DAY)")
    if day != was:
        # Who was there knows it since that day: minutes are asked for, unlike those of imported history.
        row.fixed_on, row.moved_from = day, None
    row.day, row.state = day, "held"
    _attend(desk, talk, told)
    return meeting.settle(desk, talk, "held", before, was if was != day else None)


def agreed(desk: Acting, account: int, on: date | None = None) -> Agreed:
    """Note that a negotiation ended with an agreement.

    Raises:
        InputError: it is a strategic meeting, or the day does not fit its rounds.
        NotFound: there is no meeting.
    """
    row = meeting_round.begin(desk, account, "note that both sides agreed")
    desk.person("agreed")
    day = on or desk.today
    talk = _negotiated(desk, account, row.name)
    days = {each.round.number: each.round.day for each in rounds.of_meeting(desk.session, talk.meeting)}
    meeting_fit.check_agreement(talk.meeting.kind, days, day, desk.today)
    number = stored(talk.meeting.id)
    if talk.meeting.agreed_on == day:
        return Agreed(account, number, "already", day)
    talk.meeting.agreed_on, talk.meeting.version = day, talk.meeting.version + 1
    desk.record("meeting.agreed", account, meeting=number, on=day.isoformat())
    return Agreed(account, number, "agreed", day)


def plan_month(desk: Acting, account: int, month: int) -> Planned:
    """Say in which month the annual meeting is planned, this year and the years to come."""
    row = meeting_round.begin(desk, account, "plan the month of its annual meeting")
    if not 1 <= month <= 12:
        raise InputError(f"month {month}: expected a number from 1 to 12")
    was = row.meeting_month
    if was == month:
        return Planned(account, "already", month, was)
    row.meeting_month, row.meeting_month_on = month, desk.today
    desk.record("meeting.month", account, month=month, was=was)
    return Planned(account, "planned", month, was)


def _round(desk: Acting, told: Held) -> Talk:
    if told.day is None:
        return meeting_round.that_was(desk, told.account, told.number)
    return meeting_round.held_on(desk, Booking(told.account, told.day, kind=told.kind, number=told.number))


def _attend(desk: Acting, talk: Talk, told: Held) -> None:
    here = rounds.attendees(desk.session, talk.id)
    persons, contacts = set(told.persons) or here[0], set(told.contacts) or here[1]
    if (persons, contacts) != here:
        rounds.attend(desk.session, talk.id, persons, contacts)


def _negotiated(desk: Acting, account: int, name: str) -> Talk:
    """The last round of the newest negotiation, else of the newest meeting: which is not one."""
    found = rounds.of_account(desk.session, account)
    talks = [talk for talk in found if talk.meeting.kind == MeetingKind.NEGOTIATION]
    if talks:
        return talks[-1]
    if found:
        raise InputError(f"the meeting of {name} is a strategic one: it is agreed when it was held")
    raise NotFound(f"no annual meeting of {name} is known: `kamflow meeting book`")

"""Book, move and cancel the rounds of an annual meeting.

A move to another day changes the revision of the round: what was prepared for the old date is made anew, and
once is said what the move means. Time and place change the calendar entries only.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from kamflow.acts import day as days
from kamflow.acts import meeting_contacts, meeting_round, rights
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_contacts import Seen
from kamflow.acts.meeting_round import Booking
from kamflow.errors import InputError
from kamflow.models.meeting import MeetingRound
from kamflow.store import requests_write, rounds
from kamflow.store.rounds import Talk
from kamflow.store.rows import stored


@dataclass(frozen=True)
class Arranged:
    """`state` is booked, changed, moved, cancelled, held, or already; `was` the day until now."""

    account: int
    meeting: int
    round: int
    number: int
    state: str
    day: date
    was: date | None = None
    revision: int = 0


def book(desk: Acting, booking: Booking) -> Arranged:
    """Book a round; what is booked already keeps its day and takes over time, place and attendees.

    Raises:
        InputError: the day has passed, the round has another day, or it does not fit (`meeting_fit`).
        NotAllowed: see `rights.for_meeting`.
    """
    meeting_round.begin(desk, booking.account, "book its annual meeting")
    if booking.day < desk.today:
        raise InputError(f"{booking.day} has passed: what took place is noted by `kamflow meeting held`")
    talk = meeting_round.place(desk, booking)
    row, before = talk.round, meeting_contacts.seen(desk, talk)
    if row.state == "held":
        raise InputError(f"round {row.number} was held on {row.day}: book another one (--round N)")
    if row.state == "booked" and row.day not in (None, booking.day):
        raise InputError(f"round {row.number} is booked for {row.day}: `kamflow meeting move` moves it")
    new = row.day is None or row.state == "cancelled"
    changed = _set(desk, talk, booking)
    if not new and not changed:
        return said(talk, "already")
    if new:
        row.day, row.state, row.fixed_on, row.moved_from = booking.day, "booked", desk.today, None
    return settle(desk, talk, "booked" if new else "changed", before)


def move(
    desk: Acting,
    account: int,
    to: date,
    number: int | None = None,
    at: time | None = None,
    where: str | None = None,
) -> Arranged:
    """Move a booked round to another day, time or place.

    Raises:
        InputError: the day has passed, or the round was held or cancelled.
        NotAllowed, NotFound: see `rights.for_meeting`; nothing is booked.
    """
    meeting_round.begin(desk, account, "move its annual meeting")
    talk = meeting_round.the(desk, account, number)
    row, before = talk.round, meeting_contacts.seen(desk, talk)
    if row.state != "booked":
        raise InputError(f"round {row.number} was {row.state}: book another one (`kamflow meeting book`)")
    if to < desk.today:
        raise InputError(f"{to} has passed: name a day from {desk.today} on")
    meeting_round.check(desk, talk, to)
    was = row.day
    changed = _set(desk, talk, Booking(account, to, at, where))
    if to == was:
        return settle(desk, talk, "changed", before) if changed else said(talk, "already")
    # Moved twice on one day is moved once: from where it was in the morning.
    first = row.moved_from if row.fixed_on == desk.today and row.moved_from else was
    row.day, row.fixed_on, row.moved_from = to, desk.today, None if first == to else first
    return settle(desk, talk, "moved", before, was)


def cancel(desk: Acting, account: int, number: int | None = None) -> Arranged:
    """Call a round off. Raises as `move` does."""
    meeting_round.begin(desk, account, "cancel its annual meeting")
    talk = meeting_round.the(desk, account, number)
    row, before = talk.round, meeting_contacts.seen(desk, talk)
    if row.state == "cancelled":
        return said(talk, "already")
    if row.state == "held":
        raise InputError(f"round {row.number} was held on {row.day}: it cannot be cancelled any more")
    row.state = "cancelled"
    return settle(desk, talk, "cancelled", before)


def settle(desk: Acting, talk: Talk, state: str, before: Seen, was: date | None = None) -> Arranged:
    """Store a round as it is now with all that follows from it."""
    now = meeting_contacts.seen(desk, talk)
    talk.round.revision += before.moved(now)
    talk.round.entry_revision += before.differs(now)
    desk.session.add(talk.round)
    desk.session.flush()
    requests_write.follow_meeting(desk.session, stored(talk.meeting.id), desk.now, desk.actor)
    meeting_contacts.follow(desk, talk, before, now)
    arranged = said(talk, state, was)
    desk.record(f"meeting.{state}", arranged.account, **payload(arranged))
    return arranged


def payload(arranged: Arranged) -> dict[str, int | str | None]:
    """What the event says of it."""
    return {
        "meeting": arranged.meeting,
        "round": arranged.round,
        "day": arranged.day.isoformat(),
        "was": arranged.was.isoformat() if arranged.was else None,
        "revision": arranged.revision,
    }


def said(talk: Talk, state: str, was: date | None = None) -> Arranged:
    """What became of a round."""
    row, meeting = talk.round, talk.meeting
    day = row.day or date.max
    return Arranged(
        meeting.account_id, stored(meeting.id), talk.id, row.number, state, day, was, row.revision
    )


def _set(desk: Acting, talk: Talk, booking: Booking) -> bool:
    """Take over time, place and attendees; tell whether anything is different now."""
    row, here = talk.round, rounds.attendees(desk.session, talk.id)
    starts_at = _moment(desk, booking, row)
    named = booking.place.strip() if booking.place else row.place
    kam = rights.kam_of(desk.session, booking.account, desk.today)
    usual = frozenset({kam}) if kam is not None and row.day is None else frozenset[int]()
    persons = frozenset(booking.persons) or here[0] or usual
    contacts = frozenset(booking.contacts) or here[1]
    other = (starts_at, named) != (row.starts_at, row.place)
    row.starts_at, row.place = starts_at, named
    if (persons, contacts) != here:
        rounds.attend(desk.session, talk.id, persons, contacts)
    return other or (persons, contacts) != here


def _moment(desk: Acting, booking: Booking, row: MeetingRound) -> datetime | None:
    """Its hour where the actor is; one that was booked stays the same on another day."""
    zone = days.zone(desk.session, desk.actor, desk.company)
    at = booking.at or (row.starts_at.astimezone(zone).time() if row.starts_at else None)
    return datetime.combine(booking.day, at, zone).astimezone(UTC) if at else None

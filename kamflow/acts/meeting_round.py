"""Which round of an annual meeting is meant, and may the actor touch it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from kamflow.acts import meeting_fit, rights
from kamflow.acts.acting import Acting
from kamflow.acts.meeting_fit import Wanted
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.meeting import AnnualMeeting, MeetingKind, MeetingRound
from kamflow.periods import Period, fiscal_year
from kamflow.store import rounds
from kamflow.store.rounds import Talk
from kamflow.store.rows import stored


@dataclass(frozen=True)
class Booking:
    """What somebody arranged. Without people of ours it is the KAM who attends; `year` is the fiscal year
    it is for, that of its day if not given."""

    account: int
    day: date
    at: time | None = None
    place: str | None = None
    kind: str | None = None
    number: int | None = None
    persons: Sequence[int] = ()
    contacts: Sequence[int] = ()
    year: Period | None = None


def begin(desk: Acting, account: int, act: str) -> Account:
    """The account, if the actor may, kept from others until the transaction ends."""
    row = desk.session.get_one(Account, account)
    rights.for_meeting(desk.session, desk.actor, row, act, desk.today)
    rounds.hold(desk.session, account)
    return row


def the(desk: Acting, account: int, number: int | None) -> Talk:
    """The round that is meant: the one to come that is booked, by its number where several are.

    Without one it is the last that was, for the act to say why it cannot be meant.

    Raises:
        InputError, NotFound: several are booked; there is none.
    """
    known = _known(desk, account, number)
    booked = [talk for talk in known if talk.round.state == "booked"]
    coming = [talk for talk in booked if talk.day >= desk.today]
    if len(coming) > 1 and number is None:
        name = desk.session.get_one(Account, account).name
        which = ", ".join(f"{talk.round.number} on {talk.day}" for talk in coming)
        raise InputError(f"{name} has several rounds booked ({which}): say which (--round N)")
    return coming[0] if coming else (booked or known)[-1]


def that_was(desk: Acting, account: int, number: int | None) -> Talk:
    """The round that took place: the last one booked up to today, else what is known of others.

    Raises:
        NotFound: there is none.
    """
    known = _known(desk, account, number)
    booked = [talk for talk in known if talk.round.state == "booked"]
    past = [talk for talk in booked if talk.day <= desk.today]
    return past[-1] if past else booked[0] if booked else known[-1]


def held_on(desk: Acting, booking: Booking) -> Talk:
    """The round that took place on a day: that day's, else one booked in its fiscal year, else a new one."""
    year = booking.year or _year(desk, booking, rounds.meetings(desk.session, booking.account))
    number = booking.number
    found = [
        talk
        for talk in rounds.of_account(desk.session, booking.account, year)
        if number in (None, talk.round.number)
    ]
    same = [talk for talk in found if talk.day == booking.day]
    booked = [talk for talk in found if talk.round.state == "booked"]
    return (same or booked or [place(desk, booking)])[0]


def _known(desk: Acting, account: int, number: int | None) -> list[Talk]:
    found = rounds.of_account(desk.session, account)
    known = [talk for talk in found if number is None or talk.round.number == number]
    if not known:
        name = desk.session.get_one(Account, account).name
        which = "" if number is None else f" {number}"
        raise NotFound(f"no round{which} of an annual meeting of {name} is known: `kamflow meeting book`")
    return known


def place(desk: Acting, booking: Booking) -> Talk:
    """The round that a booking is for, new or as it stands, in the meeting of its fiscal year.

    Raises:
        InputError: see `meeting_fit`.
    """
    meeting = _meeting(desk, booking)
    number, kind = booking.number or 1, booking.kind or meeting.kind
    known = {} if meeting.id is None else _numbered(desk, meeting)
    year, closed_on = Period(meeting.year_first, meeting.year_last), _closed_on(desk, booking.account)
    wanted = Wanted(year, kind, {number: booking.day}, frozenset(known), closed_on=closed_on)
    meeting_fit.check(wanted, desk.today)
    if meeting.kind != kind:
        meeting.kind, meeting.version = kind, meeting.version + 1
    desk.session.add(meeting)
    desk.session.flush()
    if number in known:
        return known[number]
    row = MeetingRound(meeting_id=stored(meeting.id), number=number)
    desk.session.add(row)
    desk.session.flush()
    return Talk(meeting, row)


def check(desk: Acting, talk: Talk, day: date) -> None:
    """Refuse another day that the round cannot have (InputError)."""
    meeting, number = talk.meeting, talk.round.number
    year, closed_on = Period(meeting.year_first, meeting.year_last), _closed_on(desk, meeting.account_id)
    meeting_fit.check(
        Wanted(year, meeting.kind, {number: day}, frozenset({number}), closed_on=closed_on), desk.today
    )


def _numbered(desk: Acting, meeting: AnnualMeeting) -> dict[int, Talk]:
    return {talk.round.number: talk for talk in rounds.of_meeting(desk.session, meeting)}


def _closed_on(desk: Acting, account: int) -> date | None:
    return desk.session.get_one(Account, account).closed_on


def _meeting(desk: Acting, booking: Booking) -> AnnualMeeting:
    """The meeting of a booking, stored or not yet."""
    if booking.kind not in (None, *MeetingKind):
        raise InputError(f"kind {booking.kind!r}: expected one of {', '.join(MeetingKind)}")
    known = {each.year_first: each for each in rounds.meetings(desk.session, booking.account)}
    year = booking.year or _year(desk, booking, list(known.values()))
    return known.get(year.first) or AnnualMeeting(
        account_id=booking.account,
        year_first=year.first,
        year_last=year.last,
        kind=booking.kind or _kind(booking),
    )


def _year(desk: Acting, booking: Booking, known: list[AnnualMeeting]) -> Period:
    # A negotiation that runs into the next fiscal year stays what it is.
    open_ones = [each for each in known if each.kind == MeetingKind.NEGOTIATION and each.agreed_on is None]
    running = [Period(each.year_first, each.year_last) for each in open_ones]
    running = [year for year in running if meeting_fit.near(year, booking.day)]
    if (booking.number or 1) > 1 and running:
        return running[-1]
    company = desk.company
    return fiscal_year(booking.day, company.fiscal_year_start, company.fiscal_year_changes)


def _kind(booking: Booking) -> MeetingKind:
    return MeetingKind.NEGOTIATION if (booking.number or 1) > 1 else MeetingKind.STRATEGIC

"""The annual meetings of some accounts with all that belongs to them, read at once and written at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from kamflow.acts.meeting_fit import Wanted
from kamflow.intake.upsert import chunks
from kamflow.models.account import Account
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound
from kamflow.periods import Period
from kamflow.store.rounds import Talk
from kamflow.store.rows import stored

Year = tuple[int, date]  # account and first day of the fiscal year
Sides = tuple[frozenset[int], frozenset[int]]  # our people, the customer's
NOBODY: Sides = (frozenset(), frozenset())


@dataclass(slots=True)
class Book:
    """Meetings by account and first day of the year, talks by that and their number, people by round,
    by account from when on it is closed, and the days of the rounds by number as they were."""

    meetings: dict[Year, AnnualMeeting] = field(default_factory=dict)
    talks: dict[tuple[int, date, int], Talk] = field(default_factory=dict)
    people: dict[int, Sides] = field(default_factory=dict)
    closed_on: dict[int, date] = field(default_factory=dict)
    days: dict[Year, dict[int, date | None]] = field(default_factory=dict)

    def wanted(self, year: Year) -> Wanted | None:
        """A meeting as it is stored."""
        row = self.meetings.get(year)
        if row is None:
            return None
        span, days = Period(row.year_first, row.year_last), self.days.get(year, {})
        closed_on = self.closed_on.get(row.account_id)
        return Wanted(span, row.kind, days, frozenset(days), row.agreed_on, closed_on)


def load(session: Session, accounts: Collection[int]) -> Book:
    """Read all there is about these accounts."""
    book = Book()
    by_id: dict[int, AnnualMeeting] = {}
    for chunk in chunks(sorted(accounts)):
        here = col(AnnualMeeting.account_id).in_(chunk)
        query = select(AnnualMeeting).where(here).execution_options(populate_existing=True)
        by_id |= {stored(each.id): each for each in session.execute(query).scalars()}
        of_these = select(MeetingRound).join(
            AnnualMeeting, col(AnnualMeeting.id) == col(MeetingRound.meeting_id)
        )
        for row in session.execute(of_these.where(here).execution_options(populate_existing=True)).scalars():
            meeting = by_id[row.meeting_id]
            year = meeting.account_id, meeting.year_first
            book.talks[*year, row.number] = Talk(meeting, row)
            book.days.setdefault(year, {})[row.number] = row.day
        book.people |= _people(session, chunk)
        closed = select(col(Account.id), col(Account.closed_on)).where(col(Account.id).in_(chunk))
        book.closed_on |= {number: day for number, day in session.execute(closed).tuples() if number and day}
    book.meetings = {(each.account_id, each.year_first): each for each in by_id.values()}
    return book


def attend(session: Session, wanted: Mapping[int, Sides]) -> None:
    """Let exactly these people attend these rounds."""
    for chunk in chunks(sorted(wanted)):
        session.execute(delete(MeetingAttendee).where(col(MeetingAttendee.round_id).in_(chunk)))
    rows = [
        {"round_id": number, "person_id": person, "contact_id": contact}
        for number, (persons, contacts) in wanted.items()
        for person, contact in (
            *((each, None) for each in sorted(persons)),
            *((None, each) for each in sorted(contacts)),
        )
    ]
    if rows:
        session.execute(insert(MeetingAttendee), rows)


def _people(session: Session, accounts: Collection[int]) -> dict[int, Sides]:
    query = (
        select(col(MeetingAttendee.round_id), col(MeetingAttendee.person_id), col(MeetingAttendee.contact_id))
        .join(MeetingRound, col(MeetingRound.id) == col(MeetingAttendee.round_id))
        .join(AnnualMeeting, col(AnnualMeeting.id) == col(MeetingRound.meeting_id))
        .where(col(AnnualMeeting.account_id).in_(accounts))
    )
    found: dict[int, tuple[set[int], set[int]]] = {}
    for number, person, contact in session.execute(query):
        persons, contacts = found.setdefault(number, (set(), set()))
        persons |= {person} - {None}
        contacts |= {contact} - {None}
    return {number: (frozenset(ours), frozenset(theirs)) for number, (ours, theirs) in found.items()}

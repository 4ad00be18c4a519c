"""The rounds of an account's annual meetings, one by one: what acts of people read and write."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound
from kamflow.periods import Period
from kamflow.store.encounters import Pair
from kamflow.store.engine import lock
from kamflow.store.rows import stored

_LOCK = "meetings"


@dataclass(frozen=True)
class Talk:
    """A round with the meeting it belongs to."""

    meeting: AnnualMeeting
    round: MeetingRound

    @property
    def id(self) -> int:
        return stored(self.round.id)

    @property
    def day(self) -> date:
        """Its date; one without comes first."""
        return self.round.day or date.min


def hold(session: Session, account: int) -> None:
    """Keep others from the meetings of an account until the transaction ends. Who logs contacts too takes
    `encounters.LOCK` after it."""
    lock(session, _LOCK, shared=True)
    lock(session, f"meeting:{account}")


def hold_all(session: Session) -> None:
    """Keep others from all meetings: an import does not know beforehand whose it will write."""
    lock(session, _LOCK)


def meetings(session: Session, account: int) -> list[AnnualMeeting]:
    """The annual meetings of an account, the oldest first."""
    query = (
        select(AnnualMeeting)
        .where(col(AnnualMeeting.account_id) == account)
        .order_by(col(AnnualMeeting.year_first))
        .execution_options(populate_existing=True)
    )
    return list(session.execute(query).scalars())


def of_meeting(session: Session, meeting: AnnualMeeting) -> list[Talk]:
    """Its rounds by number."""
    query = (
        select(MeetingRound)
        .where(col(MeetingRound.meeting_id) == stored(meeting.id))
        .order_by(col(MeetingRound.number))
        .execution_options(populate_existing=True)
    )
    return [Talk(meeting, each) for each in session.execute(query).scalars()]


def of_account(session: Session, account: int, year: Period | None = None) -> list[Talk]:
    """The dated rounds of an account in time, of one fiscal year or all."""
    found = [
        talk
        for meeting in meetings(session, account)
        if year is None or meeting.year_first == year.first
        for talk in of_meeting(session, meeting)
        if talk.round.day is not None
    ]
    return sorted(found, key=lambda talk: (talk.day, talk.id))


def attendees(session: Session, number: int) -> tuple[frozenset[int], frozenset[int]]:
    """Our people and the customer's in a round."""
    rows = session.execute(
        select(col(MeetingAttendee.person_id), col(MeetingAttendee.contact_id)).where(
            col(MeetingAttendee.round_id) == number
        )
    ).all()
    persons = frozenset(person for person, _ in rows if person is not None)
    return persons, frozenset(contact for _, contact in rows if contact is not None)


def also_met(session: Session, day: date, but: int) -> set[Pair]:
    """Who meets whom on a day in other rounds that stand."""
    ours, theirs = aliased(MeetingAttendee), aliased(MeetingAttendee)
    query = (
        select(col(ours.person_id), col(theirs.contact_id))
        .join(theirs, col(theirs.round_id) == col(ours.round_id))
        .join(MeetingRound, col(MeetingRound.id) == col(ours.round_id))
        .where(col(MeetingRound.day) == day, col(MeetingRound.id) != but)
        .where(col(MeetingRound.state) != "cancelled")
        .where(col(ours.person_id).is_not(None), col(theirs.contact_id).is_not(None))
    )
    return set(session.execute(query).tuples().all())


def attend(session: Session, number: int, persons: Collection[int], contacts: Collection[int]) -> None:
    """Let exactly these people attend a round."""
    session.execute(delete(MeetingAttendee).where(col(MeetingAttendee.round_id) == number))
    session.add_all(MeetingAttendee(round_id=number, person_id=person) for person in sorted(set(persons)))
    session.add_all(MeetingAttendee(round_id=number, contact_id=each) for each in sorted(set(contacts)))
    session.flush()

"""What is dated for one person: open nudges, meetings they attend, account plans they hand in."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.meeting import AnnualMeeting, MeetingAttendee, MeetingRound
from kamflow.models.nudge import StoredNudge
from kamflow.models.plan import AccountPlan, PlanState
from kamflow.store import teams
from kamflow.store.contacts import accounts_kams


class Talk(NamedTuple):
    """A round of an annual meeting that is still to come."""

    round: int
    account: int
    day: date
    starts_at: datetime | None
    uid: str | None
    sequence: int


class HandIn(NamedTuple):
    """A plan that is being written."""

    plan: int
    account: int
    year_first: date
    year_last: date
    day: date
    uid: str | None
    sequence: int


def nudges(session: Session, person: int) -> list[int]:
    """What is open for a person: their own, and what they were given, but not what they handed over."""
    responsible = func.coalesce(col(StoredNudge.assignee_id), col(StoredNudge.owner_id))
    rows = session.execute(
        select(col(StoredNudge.id))
        .where(responsible == person, col(StoredNudge.closed_at).is_(None))
        .order_by(col(StoredNudge.due_on), col(StoredNudge.id))
    )
    return [number for number in rows.scalars() if number is not None]


def talks(session: Session, person: int, today: date) -> list[Talk]:
    """The meetings to come that a person attends, in order; those from a calendar stand in it already."""
    row, meeting = MeetingRound, AnnualMeeting
    rows = session.execute(
        select(
            col(row.id),
            col(meeting.account_id),
            col(row.day),
            col(row.starts_at),
            col(row.uid),
            col(row.sequence),
        )
        .join(meeting, col(meeting.id) == col(row.meeting_id))
        .join(MeetingAttendee, col(MeetingAttendee.round_id) == col(row.id))
        .where(col(MeetingAttendee.person_id) == person)
        .join(Account, col(Account.id) == col(meeting.account_id))
        .where(col(row.state) == "booked", col(row.day) >= today, col(row.from_calendar).is_(False))
        .where(_open(today))
        .order_by(col(row.day), col(row.id))
        .distinct()
    )
    return [Talk(*found) for found in rows]


def hand_ins(session: Session, person: int, today: date) -> list[HandIn]:
    """The plans that a person, as the KAM, hands in from today on; one sent back is due when a nudge says."""
    plan = AccountPlan
    rows = session.execute(
        select(
            col(plan.id),
            col(plan.account_id),
            col(plan.year_first),
            col(plan.year_last),
            col(plan.hand_in_on),
            col(plan.uid),
            col(plan.sequence),
        )
        .join(Account, col(Account.id) == col(plan.account_id))
        .where(col(plan.state) == PlanState.DRAFT, col(plan.hand_in_on) >= today)
        .where(_open(today))
        .where(col(plan.account_id).in_(_looked_after(session, person, today)))
        .order_by(col(plan.hand_in_on), col(plan.id))
    )
    return [HandIn(*found) for found in rows]


def _open(today: date) -> Any:
    return or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today)


def _looked_after(session: Session, person: int, today: date) -> set[int]:
    """The accounts whose KAM the person is; where there are several, the one that is asked."""
    held = teams.accounts_of_kams(session, [person], today)
    kams = accounts_kams(session, held, today)
    return {account for account, kam in kams.items() if kam == person}

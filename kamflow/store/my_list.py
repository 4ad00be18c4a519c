"""What is open for one person: what they own, and what they were given."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.models.nudge import StoredNudge


class Open(NamedTuple):
    """One open nudge; `given_to` is set where its owner handed it over."""

    id: int
    due_on: date
    urgency: str
    silent_until: date | None
    given_to: int | None


def of(session: Session, person: int) -> list[Open]:
    """Everything open of a person, what is due first in front, then the heavier."""
    nudge = StoredNudge
    rows = session.execute(
        select(
            col(nudge.id),
            col(nudge.due_on),
            col(nudge.urgency),
            col(nudge.snoozed_until),
            col(nudge.quiet_until),
            func.coalesce(col(nudge.assignee_id), col(nudge.owner_id)),
        )
        .where(col(nudge.closed_at).is_(None))
        .where(or_(col(nudge.owner_id) == person, col(nudge.assignee_id) == person))
        .order_by(col(nudge.due_on), col(nudge.weight).desc(), col(nudge.id))
    )
    return [
        Open(number, due_on, urgency, _later(snoozed, quiet), holder if holder != person else None)
        for number, due_on, urgency, snoozed, quiet, holder in rows
        if number is not None
    ]


def _later(*days: date | None) -> date | None:
    return max((day for day in days if day is not None), default=None)

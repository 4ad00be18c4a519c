"""The reasons for which somebody looked at a person's open items."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.glass import BrokenGlass
from kamflow.store import events
from kamflow.store.rows import stored


def note(session: Session, actor: int | None, person: int, command: str, reason: str, now: datetime) -> int:
    """Write down who looked at whose items, by which command and why; return the event's id."""
    event = events.record(
        session, "works_council.glass_broken", now, actor=actor, person=person, command=command
    )
    number = stored(event.id)
    session.add(BrokenGlass(event_id=number, person_id=person, reason=reason))
    session.flush()
    return number


def reasons(session: Session, events: Collection[int]) -> dict[int, str]:
    """The reasons by the event they belong to; one that was erased is missing."""
    if not events:
        return {}
    query = select(col(BrokenGlass.event_id), col(BrokenGlass.reason))
    return dict(session.execute(query.where(col(BrokenGlass.event_id).in_(events))).tuples().all())

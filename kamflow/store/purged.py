"""When old rows were last deleted, and whether a run is going that they should not be deleted under."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.models.run import FlowRun, RunState

DONE = "purge.done"
LONGEST = timedelta(hours=6)  # one that was begun before is dead


def last(session: Session) -> datetime | None:
    """When the last purge ended."""
    newest = select(col(Event.at)).where(col(Event.name) == DONE).order_by(col(Event.id).desc()).limit(1)
    return session.execute(newest).scalar()


def runs_going(session: Session, now: datetime) -> bool:
    """Tell whether a run is at work."""
    row = FlowRun
    going = select(col(row.id)).where(col(row.state) == RunState.RUNNING, col(row.started_at) > now - LONGEST)
    return session.execute(going.limit(1)).first() is not None

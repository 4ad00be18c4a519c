"""Whether the works council's rule is in force: switching it is an event that stays."""

from datetime import datetime

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.store import events
from kamflow.store.engine import lock, read, write

SWITCHED = "works_council.switched"


def note(engine: Engine, now: datetime, *, in_force: bool) -> None:
    """Write the event where the setting is another one than when the home was last opened."""
    with read(engine) as session:
        if _known(session) == in_force:
            return
    with write(engine) as session:
        lock(session, SWITCHED)
        if _known(session) != in_force:
            events.record(session, SWITCHED, now, in_force=in_force)


def _known(session: Session) -> bool:
    """What the newest event says; the rule is in force from the beginning."""
    newest = select(Event).where(col(Event.name) == SWITCHED).order_by(col(Event.id).desc()).limit(1)
    found = session.execute(newest).scalars().first()
    return found is None or bool(found.payload["in_force"])

"""That somebody guesses links of surveys: noticed once in a while, without saying who or what."""

from datetime import datetime

from sqlmodel import Session, col, select

from kamflow.models.event import Event
from kamflow.store import events
from kamflow.store.engine import lock
from kamflow.store.rows import stored

NAME = "survey.guessed"


def note(session: Session, now: datetime, since: datetime) -> int | None:
    """The new event; None where one was written since."""
    lock(session, NAME)
    newest = select(col(Event.at)).where(col(Event.name) == NAME).order_by(col(Event.id).desc()).limit(1)
    last = session.exec(newest).first()
    if last is not None and last > since:
        return None
    return stored(events.record(session, NAME, now).id)

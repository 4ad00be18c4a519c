"""Has anything happened since? One look that costs nothing, for who looks every second."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.models.person import Person

# Ids are given out before a commit: on PostgreSQL one that is smaller may come into sight later.
LATELY = 1_000


@dataclass(frozen=True, slots=True)
class Change:
    """The newest event, how many of the last ids are in sight, and in which zones our people are."""

    event: int
    lately: int
    zones: frozenset[str]


def newest(session: Session) -> Change:
    """What differs as soon as anything was written that somebody may have to be told."""
    event = session.execute(select(func.max(col(Event.id)))).scalar() or 0
    lately = select(func.count()).select_from(Event).where(col(Event.id) > event - LATELY)
    zones = session.execute(select(col(Person.zone)).distinct()).scalars()
    seen = session.execute(lately).scalar_one()
    return Change(event, seen, frozenset(zone for zone in zones if zone))

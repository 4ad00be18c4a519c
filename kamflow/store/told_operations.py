"""What operations were written that did not go out yet, and who looks after a source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.person import Person
from kamflow.models.source import Source
from kamflow.store.tellings import UNSENT

TEMPLATE = "incidents"
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Owner:
    """Who looks after a source, and by which channel they want to be told."""

    person: int
    channel: str


def unsent(session: Session, way: str) -> dict[int, Mapping[str, Any]]:
    """Messages about incidents that have not gone out by this way: number -> facts, the oldest first."""
    message = StoredMessage
    rows = session.execute(
        select(col(message.id), col(message.facts))
        .where(col(message.template) == TEMPLATE, col(message.channel) == way)
        .where(col(message.state).in_(UNSENT))
        .order_by(col(message.id))
        .with_for_update()
    )
    return {number: facts for number, facts in rows if number is not None}


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that was given up, why, and when it was last due."""

    message: int
    cause: str
    due_at: datetime


def refused(session: Session, way: str) -> Refused | None:
    """The newest message about incidents that ended by this way, if it was refused; None: it went out."""
    message = StoredMessage
    newest = (
        select(col(message.state), col(message.cause), col(message.id), col(message.due_at))
        .where(col(message.template) == TEMPLATE, col(message.channel) == way)
        .where(col(message.state).in_((MessageState.SENT, MessageState.FAILED)))
        .order_by(col(message.id).desc())
        .limit(1)
    )
    row = session.execute(newest).first()
    if row is None or row.id is None or row.state != MessageState.FAILED:
        return None
    return Refused(row.id, row.cause or "refused", row.due_at)


def owner(session: Session, source: str, today: date) -> Owner | None:
    """Who looks after a source and is still with us."""
    row = session.execute(
        select(col(Person.id), col(Person.channel))
        .join(Source, col(Source.owner_id) == col(Person.id))
        .where(col(Source.key) == source, or_(col(Person.left_on).is_(None), col(Person.left_on) >= today))
    ).first()
    return Owner(row.id, row.channel) if row is not None and row.id is not None else None

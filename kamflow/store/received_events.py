"""What other systems told, each event once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.event import ReceivedEvent
from kamflow.store.engine import lock


def hold(session: Session, source: str, names: Iterable[str]) -> None:
    """Keep requests that name the same from each other until the transaction ends."""
    for each in sorted(set(names)):
        lock(session, f"event:{source}:{each}")


def find(session: Session, source: str, sender: str) -> ReceivedEvent | None:
    """What a source told under its own id."""
    query = select(ReceivedEvent).where(
        col(ReceivedEvent.source) == source, col(ReceivedEvent.sender_id) == sender
    )
    return session.execute(query).scalar()


def keep(
    session: Session,
    source: str,
    sender: str,
    kind: str,
    digest: str,
    at: datetime,
    answer: Mapping[str, Any],
) -> None:
    """Note an event with what was answered; the sender gets the same whenever it asks again."""
    row = ReceivedEvent(source=source, sender_id=sender, kind=kind, digest=digest, at=at, answer=dict(answer))
    session.add(row)
    session.flush()

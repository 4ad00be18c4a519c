"""Write down what happened, in the transaction that made it happen."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlmodel import Session

from kamflow.models.event import Event

EVENT = cast("Table", Event.__table__)  # pyright: ignore[reportAttributeAccessIssue]


def record(
    session: Session,
    name: str,
    at: datetime,
    *,
    actor: int | None = None,
    account: int | None = None,
    **payload: Any,
) -> Event:
    """Append one event. `payload` holds ids, figures and ISO dates only."""
    event = Event(name=name, at=at, actor_id=actor, account_id=account, payload=payload)
    session.add(event)
    session.flush()
    return event


def record_many(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append many events at once; each row has name, at, actor_id, account_id and payload."""
    prepared = list(rows)
    if prepared:
        session.execute(insert(EVENT), prepared)

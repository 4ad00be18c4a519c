"""Write down what happened, in the transaction that made it happen.

A session knows the door its acts came in by (`session.info["via"]`); an event that starts no flow is
marked as relayed at once, so that the relay looks at the others only. A rule's own events do not start it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlmodel import Session

from kamflow.models.event import Event
from kamflow.schedules import REQUESTED, STARTS
from kamflow.store import traces

VIA, RULE = "via", "rule"  # keys in `session.info`: the door, and the rule that is being decided
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
    event = Event(
        name=name,
        at=at,
        actor_id=actor,
        account_id=account,
        payload=payload,
        via=session.info.get(VIA),
        relayed_at=_settled(session, name, at),
        trace=traces.current(),
    )
    session.add(event)
    session.flush()
    return event


def record_many(session: Session, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append many events at once; each row has name, at, actor_id, account_id and payload."""
    said = {"via": session.info.get(VIA), "trace": traces.current()}
    prepared = [{**row, **said, "relayed_at": _settled(session, row["name"], row["at"])} for row in rows]
    if prepared:
        session.execute(insert(EVENT), prepared)


def _settled(session: Session, name: str, at: datetime) -> datetime | None:
    """The moment from which no relay need look: at once, where the event starts no flow but the one that
    wrote it, and that has seen it."""
    if name == REQUESTED:
        return None
    starts = set(STARTS.get(name, ())) - {session.info.get(RULE)}
    return None if starts else at

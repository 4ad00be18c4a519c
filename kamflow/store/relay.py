"""Gather waiting events into batches: flow, accounts and events of it in one commit.

A batch that was never asked for grows. One that was asked for once stays as it is, since Prefect may know
it already; what comes then forms the flow's next batch. So an hour without Prefect is one batch per flow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Engine, Table, bindparam, insert, select, update
from sqlmodel import Session, col

from kamflow.models.event import Event, RelayBatch, RelayedEvent
from kamflow.schedules import REQUESTED, SCHEDULES, STARTS
from kamflow.store import engine as db
from kamflow.store import events_concern, traces
from kamflow.store.events import EVENT
from kamflow.store.rows import stored

STRETCH = 2_000  # events taken in one transaction
MOST_ACCOUNTS = 500  # beyond that a whole run costs no more, and its parameters stay small
RELAYED = cast("Table", RelayedEvent.__table__)  # pyright: ignore[reportAttributeAccessIssue]
FLOWS = frozenset(each.flow for each in SCHEDULES)
LOCK = "relay"  # two supervisors of one database do it one after the other


@dataclass(slots=True)
class _Share:
    """What one flow gets of a stretch; `whole`: every account. `trace` is the first event's."""

    trace: str
    events: list[int] = field(default_factory=list)
    accounts: set[int] = field(default_factory=set)
    whole: bool = False


def waiting(session: Session) -> bool:
    """Tell whether any event has not been looked at."""
    query = select(col(Event.id)).where(col(Event.relayed_at).is_(None)).limit(1)
    return session.execute(query).first() is not None


def gather(engine: Engine, now: datetime, today: date) -> int:
    """Put every waiting event into the batches of the flows it concerns; how many there were."""
    total = 0
    with db.read(engine) as session:
        more = waiting(session)
    while more:
        with db.write(engine) as session:
            db.lock(session, LOCK)
            taken = _stretch(session, now, today)
        total += taken
        more = taken == STRETCH
    return total


def _stretch(session: Session, now: datetime, today: date) -> int:
    row = Event
    query = select(col(row.id), col(row.name), col(row.account_id), col(row.payload), col(row.trace))
    found = session.execute(query.where(col(row.relayed_at).is_(None)).order_by(col(row.id)).limit(STRETCH))
    happened = [events_concern.Happened(*each) for each in found]
    for flow, share in _shares(session, happened, today).items():
        _add(session, flow, share, now, today)
    for event in happened:
        if event.name == REQUESTED:
            _add_requested(session, event, now)
    numbers = [{"number": each.id} for each in happened]
    if numbers:
        query = update(EVENT).where(EVENT.c.id == bindparam("number")).values(relayed_at=now)
        session.execute(query, numbers)
    return len(happened)


def _shares(
    session: Session, happened: Iterable[events_concern.Happened], today: date
) -> Mapping[str, _Share]:
    starting = [each for each in happened if each.name in STARTS]
    concerned = events_concern.accounts(session, starting, today)
    shares: dict[str, _Share] = {}
    for event in starting:
        accounts = concerned[event.id]
        # A person who has to do with no account changes nothing for any.
        for flow in STARTS[event.name] if accounts != frozenset() else ():
            share = shares.setdefault(flow, _Share(traces.of_event(event.id, event.trace)))
            share.events.append(event.id)
            share.accounts |= accounts or frozenset()
            share.whole |= accounts is None
    return shares


def _add(session: Session, flow: str, share: _Share, now: datetime, today: date) -> None:
    """Let the flow's batch that nobody asked for yet grow, or begin one."""
    row = _growing(session, flow)
    if row is None:
        row = RelayBatch(
            flow=flow,
            as_of=today,
            accounts=sorted(share.accounts),
            last_event_id=0,
            created_at=now,
            trace=share.trace,
        )
        session.add(row)
    else:
        share.whole |= not row.accounts
        row.accounts = sorted({*row.accounts, *share.accounts})
    row.last_event_id = share.events[-1]
    if share.whole or len(row.accounts) > MOST_ACCOUNTS:
        row.accounts = []
    session.flush()
    rows: list[dict[str, Any]] = [{"event_id": each, "batch_id": stored(row.id)} for each in share.events]
    session.execute(insert(RELAYED), rows)


def _add_requested(session: Session, event: events_concern.Happened, now: datetime) -> None:
    """Somebody asked for a flow's whole run for a day: a batch of its own, which keeps that day."""
    flow, day = event.payload.get("flow"), _day(event.payload.get("as_of"))
    if flow not in FLOWS or day is None:
        return
    row = RelayBatch(
        flow=flow,
        as_of=day,
        accounts=[],
        last_event_id=event.id,
        created_at=now,
        trace=traces.of_event(event.id, event.trace),
        fixed_day=True,
    )
    session.add(row)
    session.flush()
    session.execute(insert(RELAYED), [{"event_id": event.id, "batch_id": stored(row.id)}])


def _day(given: object) -> date | None:
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        return None


def _growing(session: Session, flow: str) -> RelayBatch | None:
    batch = RelayBatch
    query = select(batch).where(col(batch.flow) == flow, col(batch.state) == "waiting")
    fresh = query.where(col(batch.attempts) == 0, col(batch.failed) == 0, ~col(batch.fixed_day))
    return session.execute(fresh.order_by(col(batch.id))).scalars().first()

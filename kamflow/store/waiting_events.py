"""Events on their way to a flow: those nobody has looked at, the batches they wait in, those given up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from kamflow.models.event import Event, RelayBatch, RelayedEvent
from kamflow.models.run import FlowRun, RunState

LISTED = 50
RECENT = timedelta(days=1)  # what was left to the night before that, the night has done


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that start one run of a flow. `accounts`: how many, None for all; `fixed`: somebody asked."""

    id: int
    flow: str
    as_of: date
    state: str
    accounts: int | None
    events: int
    created_at: datetime
    due_at: datetime | None
    failed: int
    cause: str | None
    prefect_id: str | None
    fixed: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """`events` that the relay has not looked at, since when; `batches` that have not ended or were given up;
    `more` of them than are listed."""

    events: int
    oldest: datetime | None
    batches: list[Batch]
    more: bool


def waiting(session: Session, now: datetime) -> Waiting:
    """What events still have to set in motion; the oldest batch first."""
    row = Event
    query = select(func.count(), func.min(col(row.at))).where(col(row.relayed_at).is_(None))
    number, oldest = session.execute(query).one()
    found = _batches(session, now)
    return Waiting(number, oldest, found[:LISTED], len(found) > LISTED)


def standing(session: Session, before: datetime) -> list[str]:
    """Flows that events were to set in motion since before then, and no run of which is at work."""
    row, run = RelayBatch, FlowRun
    at_work = select(col(run.flow)).where(col(run.state) == RunState.RUNNING)
    query = select(col(row.flow)).where(col(row.state) != "done", col(row.created_at) <= before)
    return sorted(set(session.execute(query.where(col(row.flow).not_in(at_work))).scalars()))


def _batches(session: Session, now: datetime) -> list[Batch]:
    row = RelayBatch
    given_up = and_(col(row.state) == "done", col(row.cause).is_not(None), col(row.done_at) >= now - RECENT)
    query = select(row).where(or_(col(row.state).in_(("waiting", "asked")), given_up))
    rows = session.execute(query.order_by(col(row.id)).limit(LISTED + 1)).scalars().all()
    share = RelayedEvent
    counted = select(col(share.batch_id), func.count()).where(
        col(share.batch_id).in_([each.id for each in rows])
    )
    numbers = {each[0]: each[1] for each in session.execute(counted.group_by(col(share.batch_id)))}
    return [_batch(each, numbers.get(each.id or 0, 0)) for each in rows]


def _batch(row: RelayBatch, events: int) -> Batch:
    return Batch(
        id=row.id or 0,
        flow=row.flow,
        as_of=row.as_of,
        state=row.state,
        accounts=len(row.accounts) or None,
        events=events,
        created_at=row.created_at,
        due_at=row.due_at,
        failed=row.failed,
        cause=row.cause,
        prefect_id=row.prefect_id,
        fixed=row.fixed_day,
    )

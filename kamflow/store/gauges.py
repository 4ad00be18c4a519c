"""The figures that monitoring asks for: one look at the whole, in a number of queries that never grows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Select, func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from kamflow.models.event import Event, RelayBatch
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.models.run import FlowRun
from kamflow.models.watch import ClockJob, Incident, Lease, Supervisor
from kamflow.store import clock_jobs, data_age, flow_overview, leases, outbox_overview, places, supervisors
from kamflow.store import engine as db
from kamflow.store.data_age import SourceAge
from kamflow.store.flow_overview import FlowState
from kamflow.store.messages import DUE
from kamflow.store.outbox_overview import Pile

CLOCK = "clock"  # the lease of who beats it


class Waiting(NamedTuple):
    """Events that the relay has still to look at."""

    number: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Gauges:
    """How kamflow stands at a moment, by its database alone."""

    flows: list[FlowState]
    runs: Mapping[tuple[str, str], int]
    nudges: Mapping[str, int]
    piles: list[Pile]
    attempts: Mapping[str, int]
    waiting: Waiting
    batches: Mapping[str, int]
    incidents: Mapping[str, int]
    ages: list[SourceAge]
    jobs: list[ClockJob]
    lease: Lease | None
    supervisors: list[Supervisor]
    size: int


def read(session: Session, now: datetime, zone: str) -> Gauges:
    """Read all of them; `zone` is the company's."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return Gauges(
        flows=flow_overview.flows(session, now, zone),
        runs=_runs(session),
        nudges=_nudges(session),
        piles=outbox_overview.counts(session, now),
        attempts=_attempts(session),
        waiting=_waiting(session),
        batches=_batches(session),
        incidents=_incidents(session),
        ages=data_age.ages(session, today, zone),
        jobs=clock_jobs.all_of_them(session),
        lease=leases.held(session, CLOCK, now),
        supervisors=supervisors.all_of_them(session),
        size=places.database_bytes(session),
    )


def answers(engine: Engine) -> bool:
    """Tell whether the database can be read."""
    try:
        with db.read(engine) as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _runs(session: Session) -> dict[tuple[str, str], int]:
    flow, state = col(FlowRun.flow), col(FlowRun.state)
    rows = session.execute(select(flow, state, func.count()).group_by(flow, state))
    return {(row[0], row[1]): row[2] for row in rows}


def _nudges(session: Session) -> dict[str, int]:
    rule, living = col(StoredNudge.rule), col(StoredNudge.closed_at).is_(None)
    return _counted(session, select(rule, func.count()).where(living).group_by(rule))


def _attempts(session: Session) -> dict[str, int]:
    """Channel -> how often what is still to be sent was tried."""
    row = StoredMessage
    query = select(col(row.channel), func.sum(col(row.attempts))).where(col(row.state).in_(DUE))
    return _counted(session, query.group_by(col(row.channel)))


def _waiting(session: Session) -> Waiting:
    # The oldest by its number: that is what the small index on them is sorted by.
    unseen = col(Event.relayed_at).is_(None)
    count = session.execute(select(func.count()).select_from(Event).where(unseen)).scalar_one()
    oldest = select(col(Event.at)).where(unseen).order_by(col(Event.id)).limit(1)
    return Waiting(count, session.execute(oldest).scalar())


def _batches(session: Session) -> dict[str, int]:
    state = col(RelayBatch.state)
    return _counted(session, select(state, func.count()).group_by(state))


def _incidents(session: Session) -> dict[str, int]:
    kind = col(Incident.kind)
    return _counted(
        session, select(kind, func.count()).where(col(Incident.closed_at).is_(None)).group_by(kind)
    )


def _counted(session: Session, query: Select[tuple[str, int]]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(query)}

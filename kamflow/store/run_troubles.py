"""What is wrong with runs, by the ledger: the last one failed, one goes on for too long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, func, select
from sqlmodel import Session, col

from kamflow.models.run import FlowRun, RunState
from kamflow.store.rows import stored

_BROKEN = (RunState.FAILED, RunState.CRASHED)
_STOPPED = {"Stopped", "CancelledError", "TerminationSignal"}  # told to end, and did


@dataclass(frozen=True, slots=True)
class Broken:
    """The newest run of a flow that did not finish, and that none has made up for since."""

    flow: str
    day: date
    cause: str
    error: str | None
    run: int


def broken(session: Session) -> list[Broken]:
    """Flows whose newest failure nothing made up for: a later whole run, or for a part of it a later one."""
    row = FlowRun
    # A part that failed later, and was made up for, says nothing about a whole run that was not.
    kinds = (col(row.flow), col(row.whole))
    newest = select(func.max(col(row.id))).where(col(row.state).in_(_BROKEN)).group_by(*kinds)
    query = select(row).where(col(row.id).in_(newest)).order_by(col(row.flow), col(row.whole).desc())
    found: dict[str, Broken] = {}
    for each in session.execute(query).scalars():
        if not _made_up(session, each):
            found.setdefault(each.flow, _broken(each))
    return list(found.values())


def newest(session: Session) -> int:
    """The number of the newest run in the ledger; numbers grow, whatever the clock says."""
    return session.execute(select(func.coalesce(func.max(col(FlowRun.id)), 0))).scalar_one()


def finished_after(session: Session, flow: str, run: int) -> bool:
    """Tell whether a whole run of the flow finished that began after this one."""
    query = select(col(FlowRun.id)).where(
        col(FlowRun.flow) == flow,
        col(FlowRun.whole),
        col(FlowRun.state) == RunState.FINISHED,
        col(FlowRun.id) > run,
    )
    return session.execute(query.limit(1)).first() is not None


def long_ones(session: Session, before: datetime, flows: Iterable[str]) -> list[tuple[str, datetime]]:
    """Flows with a run that has been at work since before then, and since when."""
    row = FlowRun
    rows = session.execute(
        select(col(row.flow), func.min(col(row.started_at)))
        .where(col(row.state) == RunState.RUNNING, col(row.started_at) <= before)
        .where(col(row.flow).in_(tuple(flows)))
        .group_by(col(row.flow))
    )
    return [(flow, at) for flow, at in rows]


def _made_up(session: Session, failed: FlowRun) -> bool:
    row = FlowRun
    scope = [col(row.whole)] if failed.whole else []
    later = and_(col(row.id) > stored(failed.id), col(row.state) == RunState.FINISHED)
    query = select(col(row.id)).where(col(row.flow) == failed.flow, later, *scope)
    return session.execute(query.limit(1)).first() is not None


def _broken(row: FlowRun) -> Broken:
    stopped = row.error in _STOPPED
    cause = "cancelled" if stopped else row.state
    error = None if stopped else row.error
    return Broken(row.flow, row.as_of, cause, error, stored(row.id))

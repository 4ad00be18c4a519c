"""What else is asked of the ledger: since when a flow runs, and runs whose process was killed."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from kamflow.models.run import FlowRun, RunState

LONGEST = timedelta(hours=6)


def first_day(session: Session, flow: str) -> date | None:
    """The oldest day for which the flow was ever started; days before it are nobody's debt."""
    return session.execute(select(func.min(col(FlowRun.as_of))).where(col(FlowRun.flow) == flow)).scalar()


def crashed(session: Session, prefect_id: str, now: datetime) -> None:
    """Mark what this Prefect run left open as crashed."""
    session.execute(
        update(FlowRun)
        .where(col(FlowRun.prefect_id) == prefect_id, col(FlowRun.state) == RunState.RUNNING)
        .values(state=RunState.CRASHED, finished_at=now)
    )


def left_behind(session: Session, flow: str, now: datetime) -> None:
    """Mark runs of the flow as crashed that have been running for longer than any run takes.

    One that is still at work nevertheless says itself how it ends.
    """
    session.execute(
        update(FlowRun)
        .where(col(FlowRun.flow) == flow, col(FlowRun.state) == RunState.RUNNING)
        .where(col(FlowRun.started_at) <= now - LONGEST)
        .values(state=RunState.CRASHED, finished_at=now)
    )


def alive(session: Session, run_id: int, now: datetime) -> None:
    """Note that the process of a run says that it is alive."""
    session.execute(update(FlowRun).where(col(FlowRun.id) == run_id).values(seen_at=now))


def running(session: Session) -> list[FlowRun]:
    """The rows that nobody has closed."""
    return list(session.execute(select(FlowRun).where(col(FlowRun.state) == RunState.RUNNING)).scalars())


def of_prefect(session: Session, prefect_ids: Iterable[str]) -> dict[str, FlowRun]:
    """The newest row of each of these Prefect runs, where there is one."""
    query = select(FlowRun).where(col(FlowRun.prefect_id).in_(list(prefect_ids))).order_by(col(FlowRun.id))
    return {row.prefect_id or "": row for row in session.execute(query).scalars()}


def close_dead(session: Session, run_id: int, now: datetime) -> bool:
    """Mark a row as crashed whose process has ended; tell whether it still stood open."""
    row = session.get(FlowRun, run_id)
    if row is None or row.state != RunState.RUNNING:
        return False
    row.state, row.error, row.finished_at = RunState.CRASHED, "Killed", now
    return True


def error(session: Session, prefect_id: str) -> str | None:
    """The kind of error in the newest row of this Prefect run."""
    newest = select(col(FlowRun.error)).where(col(FlowRun.prefect_id) == prefect_id)
    return session.execute(newest.order_by(col(FlowRun.id).desc())).scalars().first()

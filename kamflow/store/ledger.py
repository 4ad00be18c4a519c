"""The ledger of runs: which flow ran for which day, how it ended, which days it covers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from kamflow.models.run import FlowRun, RunState
from kamflow.store import engine as db
from kamflow.store import run_rows, traces
from kamflow.store.rows import stored
from kamflow.store.run import Outcome


@dataclass(frozen=True)
class By:
    """What set a run in motion, and the process that does it (`host:pid:start`)."""

    trace: str | None = None
    worker: str | None = None


NOBODY = By()


def start(
    engine: Engine,
    flow: str,
    as_of: date,
    accounts: int | None,
    now: datetime,
    prefect_id: str | None,
    by: By = NOBODY,
) -> int:
    """Open a row; `accounts` is None for a whole run. What was killed before its end is closed."""
    with db.write(engine) as session:
        db.lock(session, f"ledger:{flow}")
        run_rows.left_behind(session, flow, now)
        row = FlowRun(
            flow=flow,
            as_of=as_of,
            whole=accounts is None,
            accounts=accounts,
            started_at=now,
            prefect_id=prefect_id,
            worker=by.worker,
            seen_at=now,
        )
        session.add(row)
        session.flush()
        row.trace = traces.of_run(stored(row.id), by.trace)
        return stored(row.id)


def finish(engine: Engine, run_id: int, outcome: Outcome, now: datetime, due: Iterable[date]) -> None:
    """Close a row. A whole run covers the older `due` days on which nothing finished."""
    with db.write(engine) as session:
        row = session.get_one(FlowRun, run_id)
        row.state, row.counts, row.finished_at = RunState.FINISHED, outcome.counts(), now
        if row.whole:
            # Two runs that end together must not both cover the same days.
            db.lock(session, f"ledger:{row.flow}")
            _cover(session, row, due)


def fail(engine: Engine, run_id: int, error: str, now: datetime) -> None:
    """Close a row as failed; `error` names the kind of failure, no customer content."""
    with db.write(engine) as session:
        row = session.get_one(FlowRun, run_id)
        row.state, row.error, row.finished_at = RunState.FAILED, error, now


def last_finished(session: Session, flow: str) -> date | None:
    """The newest day for which a whole run finished."""
    return session.execute(
        select(func.max(col(FlowRun.as_of))).where(
            col(FlowRun.flow) == flow, col(FlowRun.whole), col(FlowRun.state) == RunState.FINISHED
        )
    ).scalar()


def missing(session: Session, flow: str, due: Iterable[date]) -> list[date]:
    """The due days that are neither finished nor covered by a whole run."""
    done = session.execute(
        select(col(FlowRun.as_of)).where(
            col(FlowRun.flow) == flow,
            col(FlowRun.whole),
            col(FlowRun.state).in_([RunState.FINISHED, RunState.COVERED]),
        )
    ).scalars()
    finished = set(done)
    return [day for day in due if day not in finished]


def _cover(session: Session, row: FlowRun, due: Iterable[date]) -> None:
    session.flush()
    for day in missing(session, row.flow, (day for day in due if day < row.as_of)):
        session.add(
            FlowRun(
                flow=row.flow,
                as_of=day,
                state=RunState.COVERED,
                covered_by_id=row.id,
                started_at=row.started_at,
                finished_at=row.finished_at,
            )
        )

"""The ledger of one flow, page by page, the newest day first."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.run import FlowRun


@dataclass(frozen=True, slots=True)
class Entry:
    """One run: for which day, how it ended, what it did. `covered_by` is the day of the run that made up
    for it; `accounts`: how many it was asked for, None for all of them."""

    id: int
    as_of: date
    state: str
    accounts: int | None
    counts: dict[str, Any]
    error: str | None
    started_at: datetime
    finished_at: datetime | None
    prefect_id: str | None
    covered_by: date | None


def entries(session: Session, flow: str, *, whole: bool, page: int, size: int) -> list[Entry]:
    """A page (from 1) of `size` runs and one more, which tells that there is another page.

    `whole`: those for all accounts; else those that events set off.
    """
    run, later = FlowRun, FlowRun.__table__.alias()  # pyright: ignore[reportAttributeAccessIssue]
    columns = (run.id, run.as_of, run.state, run.accounts, run.counts, run.error, run.started_at)
    query = (
        select(*map(col, columns), col(run.finished_at), col(run.prefect_id), later.c.as_of)
        .join(later, later.c.id == col(run.covered_by_id), isouter=True)
        .where(col(run.flow) == flow, col(run.whole).is_(whole))
        .order_by(col(run.as_of).desc(), col(run.id).desc())
        .offset((page - 1) * size)
        .limit(size + 1)
    )
    return [
        Entry(number, day, state, accounts, counts or {}, error, began, ended, prefect, covered)
        for number, day, state, accounts, counts, error, began, ended, prefect, covered in session.execute(
            query
        )
    ]

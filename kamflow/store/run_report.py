"""What operations are shown of one run: its row in the ledger, and the accounts that were left out of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.run import FlowRun, Watermark

MOST = 200  # rows of a table; the counts say how many there are


@dataclass(frozen=True, slots=True)
class Left:
    """An account that was left out, by its key, and why in a word."""

    account: str
    why: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """One run as the ledger has it."""

    number: int
    flow: str
    as_of: date
    whole: bool
    state: str
    counts: dict[str, Any]
    error: str | None
    left: tuple[Left, ...] = ()


def of_run(session: Session, prefect_id: str, failed: Iterable[int] = ()) -> RunReport | None:
    """The newest row of a Prefect run; `failed`: the accounts of the batch in which it failed."""
    query = select(FlowRun).where(col(FlowRun.prefect_id) == prefect_id).order_by(col(FlowRun.id).desc())
    row = session.execute(query).scalars().first()
    if row is None:
        return None
    counts = row.counts or {}
    left = _failed(session, failed)
    if counts.get("superseded"):
        left += _superseded(session, row)
    return RunReport(
        row.id or 0, row.flow, row.as_of, row.whole, row.state, counts, row.error, tuple(left[:MOST])
    )


def _failed(session: Session, failed: Iterable[int]) -> list[Left]:
    query = select(col(Account.key)).where(col(Account.id).in_(list(failed))).order_by(col(Account.key))
    return [Left(key, "failed") for key in session.execute(query).scalars()]


def _superseded(session: Session, row: FlowRun) -> list[Left]:
    """Of a run for some accounts these are all that a later day was decided for."""
    query = (
        select(col(Account.key), col(Watermark.as_of))
        .join(Account, col(Account.id) == col(Watermark.account_id))
        .where(col(Watermark.rule) == row.flow, col(Watermark.as_of) > row.as_of)
        .order_by(col(Account.key))
        .limit(MOST)
    )
    return [Left(key, "superseded", day) for key, day in session.execute(query)]

"""What the clock last did: one row per job, written by the one that beats."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.watch import ClockJob

FAILS = 3  # times in a row: then a job does not work


@dataclass(frozen=True, slots=True)
class Beat:
    """How a job stands; `failed` times in a row, `cause` the kind of the last error."""

    job: str
    done_at: datetime | None = None
    failed: int = 0
    cause: str | None = None


def write(session: Session, holder: str, beats: Iterable[Beat], now: datetime) -> None:
    """Write down how all jobs stand."""
    known = {row.job: row for row in session.execute(select(ClockJob)).scalars()}
    for beat in beats:
        row = known.pop(beat.job, None) or ClockJob(job=beat.job, holder=holder, seen_at=now)
        row.holder, row.seen_at, row.failed, row.cause = holder, now, beat.failed, beat.cause
        row.done_at = beat.done_at or row.done_at
        session.add(row)
    for gone in known.values():
        session.delete(gone)  # a job of another version


def all_of_them(session: Session) -> list[ClockJob]:
    """All jobs by their name."""
    return list(session.execute(select(ClockJob).order_by(col(ClockJob.job))).scalars())

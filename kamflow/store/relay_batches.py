"""A batch from the moment it is asked for to the end of its run.

Waiting -> asked -> done. What was asked for once keeps its accounts and its day: Prefect may know it, though
its answer was lost. A batch is done when our own ledger says that its run finished. A run that ended
otherwise is asked for again under another key; after a few times it is left to the night.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.event import RelayBatch
from kamflow.models.run import FlowRun, RunState
from kamflow.store.engine import lock
from kamflow.store.relay import LOCK
from kamflow.store.rows import stored

AGAIN = (timedelta(seconds=10), timedelta(minutes=2))  # after a run in vain; then the night does it
# A run whose process was killed did nothing wrong: it is asked for again for longer.
KILLED, MOST_KILLED = {"crashed", "Killed"}, 10
SHORTEST, LONGEST = timedelta(seconds=0.5), timedelta(seconds=30)  # between two calls without an answer
GRACE = timedelta(seconds=10)  # of a run that finished its work but has not told Prefect
# *Running* for so long: its process and the runner were killed together. Before it wrote into our ledger
# it may also have waited for a runner that was away.
DEAD, DEAD_UNSEEN = timedelta(hours=1), timedelta(days=1)


class Seen(StrEnum):
    """What Prefect says of a run; `UNANSWERED`: nothing at all."""

    SCHEDULED = "scheduled"
    GOING = "going"
    ENDED = "ended"
    UNKNOWN = "unknown"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Ask:
    """What Prefect is asked for. `accounts` are keys, None for all; the same key is the same run."""

    batch: int
    flow: str
    as_of: date
    accounts: tuple[str, ...] | None
    key: str
    trace: str | None = None
    fixed_day: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """A batch whose run Prefect knows. `over`: our own ledger says that the run has ended."""

    batch: int
    prefect_id: str
    over: bool


def going(session: Session) -> list[Going]:
    """The batches whose runs have not ended as far as we know."""
    row, ran = RelayBatch, FlowRun
    over = exists().where(col(ran.prefect_id) == col(row.prefect_id), col(ran.state) != RunState.RUNNING)
    query = select(col(row.id), col(row.prefect_id), over).where(col(row.state) == "asked")
    found = session.execute(query.order_by(col(row.id)))
    return [Going(stored(number), prefect or "", ended) for number, prefect, ended in found]


def due(session: Session, now: datetime) -> list[int]:
    """One batch of each flow that has no run going: what was asked for before, else the oldest."""
    row, other = RelayBatch, aliased(RelayBatch)
    busy = exists().where(col(other.flow) == col(row.flow), col(other.state) == "asked")
    # Further ahead than any pause: somebody has set the clock back since.
    not_yet = and_(col(row.due_at) > now, col(row.due_at) <= now + 2 * AGAIN[-1])
    unanswered = exists().where(
        and_(col(other.flow) == col(row.flow), col(other.state) == "waiting", col(other.attempts) > 0),
        col(other.id) != col(row.id),
    )
    query = (
        select(col(row.flow), col(row.id))
        .where(col(row.state) == "waiting", or_(col(row.due_at).is_(None), ~not_yet))
        .where(~busy, or_(col(row.attempts) > 0, ~unanswered))
        .order_by(col(row.id).desc())
    )
    newest_last = session.execute(query).tuples().all()
    return sorted(dict(newest_last).values())


def unfinished(session: Session) -> bool:
    """Tell whether any batch is waiting or its run going."""
    query = select(col(RelayBatch.id)).where(col(RelayBatch.state) != "done").limit(1)
    return session.execute(query).first() is not None


def asking(session: Session, batch: int, today: date) -> Ask | None:
    """Settle what is asked for, before it is; None: somebody else has asked meanwhile."""
    lock(session, LOCK)
    row = session.get_one(RelayBatch, batch)
    if row.state != "waiting":
        return None
    if row.attempts == 0 and not row.fixed_day:
        # A night may have passed since its first event: a late day would be left out as superseded.
        row.as_of = today
    row.attempts += 1
    keys = tuple(_keys(session, row.accounts)) if row.accounts else None
    return Ask(batch, row.flow, row.as_of, keys, _key(row), row.trace, row.fixed_day)


def _key(row: RelayBatch) -> str:
    """Known to no other batch: not of another home, nor of one that a backup brought back."""
    begun = row.created_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
    return f"batch:{row.id}:{begun}:{row.failed}"


def _keys(session: Session, accounts: Iterable[int]) -> list[str]:
    query = select(col(Account.key)).where(col(Account.id).in_(list(accounts))).order_by(col(Account.id))
    return list(session.execute(query).scalars())


def asked(session: Session, batch: int, prefect_id: str, now: datetime, key: str | None = None) -> None:
    """Note that Prefect knows the run; not where another supervisor's answer came first.

    `key` is what was asked under: an answer may come so late that the run has ended in vain since.
    """
    if (row := _still_waiting(session, batch, key)) is not None:
        row.state, row.prefect_id, row.asked_at, row.cause = "asked", prefect_id, now, None


def unanswered(session: Session, batch: int, cause: str, now: datetime, key: str | None = None) -> None:
    """Note why there was no answer, and ask again a little later each time."""
    if (row := _still_waiting(session, batch, key)) is not None:
        pause = SHORTEST * 2 ** min(max(row.attempts - 1, 0), 10)
        row.cause, row.due_at = cause, now + min(pause, LONGEST)


def _still_waiting(session: Session, batch: int, key: str | None) -> RelayBatch | None:
    lock(session, LOCK)
    row = session.get_one(RelayBatch, batch)
    return row if row.state == "waiting" and key in (None, _key(row)) else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a batch: its run finished, or ended in vain for this cause."""

    cause: str | None = None


def verdict(
    session: Session, batch: int, seen: Seen, now: datetime, run: str | None = None
) -> Verdict | None:
    """What became of a batch whose run was asked for; None: it is not known yet.

    `run` is the one that was seen: meanwhile another supervisor may have asked for a new one.
    """
    row = session.get_one(RelayBatch, batch)
    if row.state != "asked" or run not in (None, row.prefect_id):
        return None
    ran = _ran(session, row)
    if ran is not None and ran.state == RunState.FINISHED:
        # The next run of the flow would only wait for one that Prefect does not know to be over.
        ends = seen in (Seen.SCHEDULED, Seen.GOING) and ran.finished_at and now < ran.finished_at + GRACE
        return None if ends else Verdict()
    cause = _in_vain(row, ran, seen, now)
    return Verdict(cause) if cause else None


def settle(session: Session, batch: int, seen: Seen, now: datetime, run: str | None = None) -> str:
    """Write down what became of a batch, if it is known; its state."""
    lock(session, LOCK)
    found = verdict(session, batch, seen, now, run)
    row = session.get_one(RelayBatch, batch)
    if found is not None and found.cause is None:
        row.state, row.done_at, row.cause = "done", now, None
    elif found is not None and found.cause is not None:
        _again(row, found.cause, now)
    return row.state


def _in_vain(row: RelayBatch, ran: FlowRun | None, seen: Seen, now: datetime) -> str | None:
    """Why its run will never finish; None: it may still."""
    if seen == Seen.ENDED:
        # Also where Prefect says completed: then another home ran it, or this database is a backup.
        return (ran.error or ran.state) if ran else "not-run"
    if seen == Seen.UNKNOWN:
        return "lost"
    if seen == Seen.GOING:
        end = ran.started_at + DEAD if ran else (row.asked_at or now) + DEAD_UNSEEN
        return "no-end" if now >= end else None
    return None


def _again(row: RelayBatch, cause: str, now: datetime) -> None:
    row.failed += 1
    row.cause = cause
    if row.failed > (MOST_KILLED if cause in KILLED else len(AGAIN)):
        row.state, row.done_at = "done", now
        return
    row.state, row.attempts, row.prefect_id, row.asked_at = "waiting", 0, None, None
    row.due_at = now + AGAIN[min(row.failed, len(AGAIN)) - 1]


def _ran(session: Session, row: RelayBatch) -> FlowRun | None:
    ran = FlowRun
    same = select(ran).where(col(ran.flow) == row.flow, col(ran.as_of) == row.as_of)
    query = same.where(col(ran.prefect_id) == row.prefect_id).order_by(col(ran.id).desc())
    return session.execute(query).scalars().first()

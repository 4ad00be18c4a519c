"""Runs that operations ask for: an event, which the relay turns into a run for that very day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.errors import Refused
from kamflow.models.event import Event, RelayBatch, RelayedEvent
from kamflow.schedules import SCHEDULES
from kamflow.store import events, run_rows
from kamflow.store.engine import lock

REQUESTED = "run.requested"
FURTHEST = timedelta(days=400)  # back from today: as far as the ledger makes up for days
FLOWS = tuple(dict.fromkeys(each.flow for each in SCHEDULES))
_WATCHED = timedelta(days=2)  # what is not done by then hangs; asking once more does no harm


class WrongDay(Refused):
    """A run can be asked for from `first` to `last` only."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(f"a run can be asked for from {first} to {last}")
        self.first, self.last = first, last


@dataclass(frozen=True, slots=True)
class Request:
    """A run that was asked for and has not ended."""

    flow: str
    as_of: date
    at: datetime
    actor: int | None


def days(session: Session, flow: str, today: date) -> tuple[date, date]:
    """The first and the last day for which a run makes sense: since the flow first ran, up to today."""
    began = run_rows.first_day(session, flow) or today
    return max(min(began, today), today - FURTHEST), today


def ask(session: Session, flow: str, as_of: date, actor: int | None, now: datetime, today: date) -> bool:
    """Ask for a whole run for a day; False where one was asked for that has not ended.

    Raises:
        WrongDay: the day lies before the first run of the flow, or in the future.
    """
    first, last = days(session, flow, today)
    if not first <= as_of <= last:
        raise WrongDay(first, last)
    # Whoever clicks twice, or at the same time as a colleague, asks for one run.
    lock(session, REQUESTED)
    if any((each.flow, each.as_of) == (flow, as_of) for each in waiting(session, now)):
        return False
    events.record(session, REQUESTED, now, actor=actor, flow=flow, as_of=as_of.isoformat())
    return True


def waiting(session: Session, now: datetime) -> list[Request]:
    """What was asked for and has not ended, the oldest first."""
    row, share, batch = Event, RelayedEvent, RelayBatch
    query = (
        select(col(row.payload), col(row.at), col(row.actor_id))
        .join(share, col(share.event_id) == col(row.id), isouter=True)
        .join(batch, col(batch.id) == col(share.batch_id), isouter=True)
        .where(col(row.name) == REQUESTED, col(row.at) >= now - _WATCHED)
        .where(or_(col(row.relayed_at).is_(None), col(batch.state) != "done"))
    )
    return [
        Request(payload["flow"], date.fromisoformat(payload["as_of"]), at, actor)
        for payload, at, actor in session.execute(query.order_by(col(row.id)))
    ]

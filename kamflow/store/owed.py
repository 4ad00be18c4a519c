"""Which days a flow still owes: it was due, and neither has it finished for them nor did a later run."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.run import FlowRun, RunState
from kamflow.models.watch import Supervisor
from kamflow.schedules import SCHEDULES, Schedule, due_times
from kamflow.store import ledger, run_rows

BACK = timedelta(days=400)  # no debt is older: a finished run covers what lies before it
LATE = timedelta(minutes=15)  # the run of the schedule may begin so much later


def owed(session: Session, flow: str, now: datetime, zone: str, late: timedelta = LATE) -> list[date]:
    """The local days up to now on which the flow was due at least `late` ago, without a finished whole run.

    Days before this home first ran it, or first ran at all, are nobody's debt.
    """
    first = _first(session, flow, now, ZoneInfo(zone))
    if first is None:
        return []
    days = [day for each in SCHEDULES if each.flow == flow for day in _due(each, first, now - late, zone)]
    return ledger.missing(session, flow, sorted({*days}))


def at_work(session: Session, flow: str) -> bool:
    """Tell whether a whole run of the flow is at work."""
    query = select(col(FlowRun.id)).where(col(FlowRun.flow) == flow, col(FlowRun.whole))
    return session.execute(query.where(col(FlowRun.state) == RunState.RUNNING).limit(1)).first() is not None


def _first(session: Session, flow: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Since when the flow is due here: its first run, or the first `kamflow up`."""
    oldest = (now - BACK).astimezone(zone)
    if (ran := run_rows.first_day(session, flow)) is not None:
        return max(datetime.combine(ran, time(), zone), oldest)
    began = session.execute(select(func.min(col(Supervisor.started_at)))).scalar()
    return None if began is None else max(began.astimezone(zone), oldest)


def _due(schedule: Schedule, first: datetime, last: datetime, zone: str) -> list[date]:
    own = ZoneInfo(schedule.zone or zone)
    found: list[date] = []
    for naive in due_times(schedule, first.astimezone(own).date()):
        at = naive.replace(tzinfo=own)
        if at > last:
            return found
        if at >= first:
            found.append(at.date())
    return found

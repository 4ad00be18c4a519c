"""How every flow is getting on: its last run, the days that are missing, when it runs next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.run import FlowRun, RunState
from kamflow.models.watch import Supervisor
from kamflow.schedules import SCHEDULES, Schedule, due_times
from kamflow.store import ledger

FURTHEST = timedelta(days=400)  # no debt is older: a finished run covers what lies before it


@dataclass(frozen=True, slots=True)
class FlowState:
    """One flow at a moment. `last_*` is the last whole run of its newest day; `missing` are due days that
    are neither finished nor covered; times have a zone."""

    flow: str
    last_run: datetime | None
    last_state: str | None
    finished_for: date | None
    running_since: datetime | None
    missing: tuple[date, ...]
    next_at: datetime | None
    last_day: date | None = None
    last_end: datetime | None = None
    last_error: str | None = None


def flows(session: Session, now: datetime, zone: str) -> list[FlowState]:
    """Every flow that has a schedule, in the order of the night; `zone` is the company's."""
    began, running = _began(session, zone), _running(session)
    found: list[FlowState] = []
    for flow, own in _by_flow().items():
        last, finished = _last(session, flow), ledger.last_finished(session, flow)
        line = FlowState(
            flow,
            last.started_at if last else None,
            last.state if last else None,
            finished,
            running.get(flow),
            _missing(own, began.get(flow), finished, now, zone),
            min(_next(each, now, zone) for each in own),
        )
        if last is not None:
            line = replace(line, last_day=last.as_of, last_end=last.finished_at, last_error=last.error)
        found.append(line)
    return found


def _by_flow() -> Mapping[str, list[Schedule]]:
    found: dict[str, list[Schedule]] = {}
    for each in SCHEDULES:
        found.setdefault(each.flow, []).append(each)
    return found


def _missing(
    own: Iterable[Schedule], began: datetime | None, finished: date | None, now: datetime, zone: str
) -> tuple[date, ...]:
    """The due days whose hour has come: after the newest finished day, which covers all before it."""
    if began is None:
        return ()
    since = max(began, now - FURTHEST)
    if finished is not None:
        since = max(since, datetime.combine(finished + timedelta(days=1), time(), ZoneInfo(zone)))
    return tuple(sorted({at.date() for each in own for at in _past(each, since, now, zone)}))


def _past(schedule: Schedule, since: datetime, now: datetime, zone: str) -> Iterator[datetime]:
    own = ZoneInfo(schedule.zone or zone)
    first, last = (at.astimezone(own).replace(tzinfo=None) for at in (since, now))
    if first <= last:
        due = takewhile(lambda at: at <= last, due_times(schedule, first.date()))
        yield from (at for at in due if at >= first)


def _next(schedule: Schedule, now: datetime, zone: str) -> datetime:
    where = ZoneInfo(schedule.zone or zone)
    there = now.astimezone(where)
    return next(
        at.replace(tzinfo=where)
        for at in due_times(schedule, there.date())
        if at > there.replace(tzinfo=None)
    )


def _began(session: Session, zone: str) -> Mapping[str, datetime]:
    """Since when each flow owes its days: its first run, else the first `kamflow up`."""
    run, own = FlowRun, ZoneInfo(zone)
    rows = session.execute(select(col(run.flow), func.min(col(run.as_of))).group_by(col(run.flow)))
    ran: dict[str, datetime] = {row[0]: datetime.combine(row[1], time(), own) for row in rows}
    started = session.execute(select(func.min(col(Supervisor.started_at)))).scalar_one_or_none()
    return {**{flow: started for flow in _by_flow() if started is not None}, **ran}


def _running(session: Session) -> Mapping[str, datetime]:
    run = FlowRun
    query = select(col(run.flow), func.min(col(run.started_at))).where(col(run.state) == RunState.RUNNING)
    return {row[0]: row[1] for row in session.execute(query.group_by(col(run.flow)))}


def _last(session: Session, flow: str) -> FlowRun | None:
    run = FlowRun
    query = select(run).where(col(run.flow) == flow, col(run.whole), col(run.state) != RunState.COVERED)
    return session.execute(
        query.order_by(col(run.as_of).desc(), col(run.id).desc()).limit(1)
    ).scalar_one_or_none()

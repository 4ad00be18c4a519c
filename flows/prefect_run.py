"""What a flow does inside Prefect: find its home and its day, work in a thread, say how it ended."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias, cast
from zoneinfo import ZoneInfo

from prefect.runtime import flow_run
from prefect.states import Failed
from sqlalchemy.exc import SQLAlchemyError

from flows import artifacts
from flows.reasons import reason
from flows.runtime import Home, Visit, open_home, run_accounts, run_whole
from kamflow.store import engine as db
from kamflow.store import traces
from kamflow.store.run import Decide, Outcome
from kamflow.store.run_report import RunReport, of_run

Work: TypeAlias = Callable[[Home, date, Visit], Outcome]


@dataclass
class Call:
    """A run that goes through Prefect for a command: the home it brings, and what became of it."""

    home: Home | None = None
    outcome: Outcome | None = None
    error: Exception | None = None


CALL: ContextVar[Call | None] = ContextVar("CALL", default=None)


@contextmanager
def opened() -> Iterator[Home]:
    """The home of a run or a hook: the one a command brought along, else that of KAMFLOW_HOME."""
    call = CALL.get()
    if call is not None and call.home is not None:
        yield call.home
        return
    home = open_home()
    try:
        yield home
    finally:
        home.engine.dispose()


async def run(decide: Decide, as_of: date | None, accounts: list[str] | None) -> Outcome:
    """The body of a rule's flow: decide for all accounts, or for those with the given keys."""
    flow = decide.__module__.rpartition(".")[2]
    if accounts is None:
        return await visit(flow, as_of, lambda home, day, visit: run_whole(home, flow, decide, day, visit))
    return await visit(
        flow, as_of, lambda home, day, visit: run_accounts(home, flow, decide, day, accounts, visit)
    )


async def visit(flow: str, as_of: date | None, work: Work) -> Outcome:
    """Do the work of a run in a thread, off the event loop; a cancelled run ends at its next batch.

    `as_of` defaults to the day of the run's scheduled start, never to the day it happens to run. A failed
    state in place of an outcome is for Prefect the end of the run: so its words are ours.
    """
    call = CALL.get() or Call()
    progress = artifacts.Progress(flow)
    trace = traces.among(flow_run.tags or ())
    ticket = Visit(flow_run.id, trace, progress=progress.told)
    done = _Done(flow, as_of, flow_run.scheduled_start_time, ticket)
    showing = asyncio.create_task(progress.shown())
    try:
        call.outcome = await asyncio.to_thread(done.by, work)
        await progress.over()
    except asyncio.CancelledError:
        ticket.stop.set()
        raise
    except Exception as error:  # noqa: BLE001 - told by its kind; a command that called raises it again
        call.error = error
        said = reason(error, flow, done.day, ticket.failed)
        await artifacts.show(done.report, done.internal_url)
        return cast("Outcome", Failed(message=said))
    finally:
        showing.cancel()
    artifacts.log_counts(done.report)
    await artifacts.show(done.report, done.internal_url)
    return call.outcome


@dataclass
class _Done:
    """What the thread of a run learns on its way: the day, where our pages are, what the ledger says."""

    flow: str
    as_of: date | None
    scheduled: datetime
    ticket: Visit
    day: date | None = None
    internal_url: str | None = None
    report: RunReport | None = None

    def by(self, work: Work) -> Outcome:
        with opened() as home:
            self.day = self.as_of or local_day(home.settings.company.zone, self.scheduled)
            self.internal_url = home.settings.web.internal_url
            try:
                return work(home, self.day, self.ticket)
            finally:
                with suppress(SQLAlchemyError), db.read(home.engine) as session:
                    number = self.ticket.prefect_id
                    self.report = of_run(session, number, self.ticket.failed) if number else None


def local_day(zone: str, at: datetime) -> date:
    """The day on which a run is scheduled, where the company is."""
    local = at.astimezone(ZoneInfo(zone))
    return date(local.year, local.month, local.day)  # Prefect's own kind of date stays outside

"""What a flow does inside Prefect: find its home and its day, work in a thread, say how it ended."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from prefect.runtime import flow_run

from flows.logs import described
from flows.runtime import Home, Visit, open_home, run_accounts, run_whole
from kamflow.store.run import Decide, Outcome


class RunFailed(Exception):
    """What Prefect is told of a failure: its kind and place, never a value that was read."""


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
        return await visit(as_of, lambda home, day, visit: run_whole(home, flow, decide, day, visit))
    return await visit(as_of, lambda home, day, visit: run_accounts(home, flow, decide, day, accounts, visit))


async def visit(as_of: date | None, work: Callable[[Home, date, Visit], Outcome]) -> Outcome:
    """Do the work of a run in a thread, off the event loop; a cancelled run ends at its next batch.

    `as_of` defaults to the day of the run's scheduled start, never to the day it happens to run.

    Raises:
        RunFailed: names the kind of the error; Prefect keeps and shows what it is told.
    """
    call = CALL.get() or Call()
    scheduled, ticket = flow_run.scheduled_start_time, Visit(flow_run.id)

    def body() -> Outcome:
        with opened() as home:
            return work(home, as_of or _local_day(home, scheduled), ticket)

    try:
        call.outcome = await asyncio.to_thread(body)
        return call.outcome
    except asyncio.CancelledError:
        ticket.stop.set()
        raise
    except Exception as error:  # noqa: BLE001 - raised again, by its kind
        call.error = error
        raise RunFailed(described(error)) from None


def _local_day(home: Home, at: datetime) -> date:
    local = at.astimezone(ZoneInfo(home.settings.company.zone))
    return date(local.year, local.month, local.day)  # Prefect's own kind of date stays outside

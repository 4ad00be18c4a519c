"""The composition root: settings, engine, and the only place that reads the clock.

Prefect is imported only inside a running flow, so that everything else can use this module cheaply.
"""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from kamflow import policy as policies
from kamflow import settings as knobs
from kamflow.policy import Policy
from kamflow.schedules import SCHEDULES, due_days
from kamflow.settings import Settings
from kamflow.store import engine as db
from kamflow.store import ledger, lookup, migrate, scope
from kamflow.store.rows import stored
from kamflow.store.run import Decide, Frame, Outcome, run_batch

COVER_DAYS = 400  # how far back a finished run may cover missing days


def clock() -> datetime:
    """Now, in UTC. `KAMFLOW_NOW` stops it at an instant: for tests and rehearsals of an operator."""
    fixed = os.environ.get("KAMFLOW_NOW")
    return datetime.fromisoformat(fixed).astimezone(UTC) if fixed else datetime.now(UTC)


@dataclass(frozen=True)
class Home:
    """An opened installation."""

    settings: Settings
    policy: Policy
    engine: Engine
    now: Callable[[], datetime] = clock

    def today(self) -> date:
        """The company's local date."""
        return self.now().astimezone(ZoneInfo(self.settings.company.zone)).date()


def open_home(path: Path | None = None, now: Callable[[], datetime] = clock) -> Home:
    """Settings, policy and database of a home.

    Raises:
        ConfigError: a setting is wrong.
        NotMigrated: the database is of another version.
    """
    settings = knobs.load(path)
    engine = db.connect(settings.url)
    migrate.check(engine)
    return Home(settings, policies.load(settings.home), engine, now)


def run_whole(home: Home, flow: str, decide: Decide, as_of: date, prefect_id: str | None = None) -> Outcome:
    """Run a rule for every account, batch by batch, and write the ledger."""
    with db.read(home.engine) as session:
        accounts = scope.whole(session, flow, as_of)
    return _run(home, flow, decide, as_of, accounts, None, prefect_id)


def run_accounts(
    home: Home, flow: str, decide: Decide, as_of: date, keys: list[str], prefect_id: str | None = None
) -> Outcome:
    """Run a rule for some accounts, named by key; nothing outside them is touched.

    Raises:
        NotFound: there is no such account.
    """
    with db.read(home.engine) as session:
        accounts = [stored(lookup.account(session, key).id) for key in keys]
    return _run(home, flow, decide, as_of, accounts, len(accounts), prefect_id)


def _run(
    home: Home,
    flow: str,
    decide: Decide,
    as_of: date,
    accounts: list[int],
    asked: int | None,
    prefect_id: str | None,
) -> Outcome:
    run_id = ledger.start(home.engine, flow, as_of, asked, home.now(), prefect_id)
    outcome = Outcome()
    try:
        for batch in scope.batches(accounts):
            frame = Frame(home.engine, flow, as_of, home.now(), home.policy, home.settings.company)
            outcome += run_batch(frame, decide, batch)
    except BaseException as error:
        ledger.fail(home.engine, run_id, type(error).__name__, home.now())
        raise
    ledger.finish(home.engine, run_id, outcome, home.now(), due_before(flow, as_of))
    return outcome


def due_before(flow: str, as_of: date) -> list[date]:
    """The days before `as_of` on which the flow was due."""
    return [
        day
        for schedule in SCHEDULES
        if schedule.flow == flow
        for day in due_days(schedule, as_of - timedelta(days=COVER_DAYS), as_of - timedelta(days=1))
    ]


async def run(decide: Decide, as_of: date | None, accounts: list[str] | None) -> Outcome:
    """The body of a Prefect flow: decide in one thread, off the event loop.

    `as_of` defaults to the day of the run's scheduled start, never to the day it happens to run.
    """
    from prefect.runtime import flow_run

    home = open_home()
    day = as_of or _scheduled_day(home, flow_run.scheduled_start_time)
    flow = decide.__module__.rpartition(".")[2]
    if accounts is None:
        return await asyncio.to_thread(run_whole, home, flow, decide, day, flow_run.id)
    return await asyncio.to_thread(run_accounts, home, flow, decide, day, accounts, flow_run.id)


def _scheduled_day(home: Home, scheduled: datetime | None) -> date:
    return scheduled.astimezone(ZoneInfo(home.settings.company.zone)).date() if scheduled else home.today()

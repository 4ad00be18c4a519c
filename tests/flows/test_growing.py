"""Grown: both databases on PostgreSQL, a process pool with two workers, one of them killed at work."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from flows import catch_up, runtime, server, watchdog
from flows.catch_up import CatchUp
from flows.prefect_server import PrefectServer, Start
from flows.runtime import Home
from flows.watchdog import Watchdog
from kamflow.models.nudge import StoredNudge
from kamflow.models.run import FlowRun
from kamflow.models.watch import Supervisor
from kamflow.schedules import SCHEDULES
from kamflow.store import engine as db
from kamflow.store import ledger
from kamflow.store.run import Outcome
from tests.conftest import _execute, _sibling
from tests.flows import prefect_api
from tests.flows.conftest import company
from tests.flows.prefect_api import Prefect, environment, eventually, stopping

pytestmark = pytest.mark.slow

KAMFLOW = str(Path(sys.executable).parent / "kamflow")
AUTH = "kamflow:s3cret"
MORNING = "2026-09-07T06:30:00+00:00"  # Monday: every flow owes its run of this morning
DAY = date(2026, 9, 7)
FLOWS = {each.flow for each in SCHEDULES}
# The others have run: all of a night are done in tests/end_to_end/test_two_of_each.py.
OWED = {"contact_shortfall", "plan_creation", "measure_followup"}


@dataclass
class Grown:
    """A home whose databases are on PostgreSQL, and what its processes are told."""

    home: Home
    prefect: Prefect
    told: dict[str, str]
    log: Path

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "kamflow", "--limit", "2"]
        with self.log.open("ab") as out:
            process = subprocess.Popen(command, env=self.told, stdout=out, stderr=out, start_new_session=True)
            with stopping(process):
                yield process

    def rows(self, **wanted: str) -> list[FlowRun]:
        with db.read(self.home.engine) as session:
            rows = session.execute(select(FlowRun).order_by(col(FlowRun.id))).scalars()
            return [row for row in rows if all(getattr(row, name) == value for name, value in wanted.items())]


@contextmanager
def database(server_url: str, kind: str) -> Iterator[str]:
    """One of its own, also where somebody else uses the server."""
    name = f"{kind}_{uuid4().hex[:12]}"
    _execute(server_url, f'CREATE DATABASE "{name}"')
    try:
        yield _sibling(server_url, name)
    finally:
        _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def prefects_database(postgres_server: str) -> Iterator[str]:
    with database(postgres_server, "prefect") as url:
        yield url


@pytest.fixture
def domain_database(postgres_server: str) -> Iterator[str]:
    with database(postgres_server, "grown") as url:
        yield url


@pytest.fixture
def grown(
    domain_database: str, prefects_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Grown]:
    ours = {
        "KAMFLOW_DATABASE_URL": domain_database,
        "KAMFLOW_PREFECT__DATABASE_URL": prefects_database,
        "KAMFLOW_PREFECT__AUTH": AUTH,
        "KAMFLOW_NOW": MORNING,
    }
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    subprocess.run(
        [KAMFLOW, "init", str(tmp_path)], check=True, env=environment(tmp_path, **ours), capture_output=True
    )  # fmt: skip
    home = runtime.open_home(tmp_path)
    company(home.engine)
    with db.write(home.engine) as session:
        sunday = home.now() - timedelta(days=1)
        up = {"name": "up", "host": "here", "path": "/", "pid": 1, "version": "1"}
        session.add(Supervisor(**up, started_at=sunday, seen_at=sunday))
    for flow in FLOWS - OWED:
        done = ledger.start(home.engine, flow, DAY, None, home.now(), None)
        ledger.finish(home.engine, done, Outcome(), home.now(), [])
    told = server.environment(home.settings)
    with prefect_api.running(tmp_path, **told) as prefect:
        env = environment(tmp_path, **ours, **told, PREFECT_API_URL=prefect.url)
        yield Grown(home, prefect, env, tmp_path / "workers.log")
    home.engine.dispose()


def deployed(grown: Grown) -> list[str]:
    command = [KAMFLOW, "deploy", "--pool", "kamflow"]
    ran = subprocess.run(command, env=grown.told, check=True, capture_output=True, text=True)
    return ran.stdout.splitlines()


def parent(pid: int) -> int:
    """The worker that started a run's process."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


async def until_finished(grown: Grown, prefect: PrefectServer) -> None:
    """Be the clock: ask for what is owed, bury what is dead, until every flow has finished."""
    catching, dog = CatchUp(grown.home, prefect), Watchdog(grown.home, prefect)
    for _ in range(1500):
        await dog.beat()
        await catching.beat()
        if {row.flow for row in grown.rows(state="finished")} == FLOWS:
            return
        await asyncio.sleep(0.2)
    raise AssertionError([(row.flow, row.state, row.error) for row in grown.rows()])


def test_two_workers_do_the_night_and_what_a_killed_one_had_in_work_is_done_by_the_other(
    grown: Grown, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TWICE", "UNTOLD"):
        monkeypatch.setattr(watchdog, name, 0.5)
    monkeypatch.setattr(catch_up, "AGAIN", (0.5,))
    assert deployed(grown)[-1].startswith("each worker needs KAMFLOW_HOME")

    async def night() -> None:
        prefect = PrefectServer(lambda: grown.prefect.url, auth=lambda: AUTH)
        with db.write_alone(grown.home.engine, "contact_shortfall"):
            await prefect.start(Start("contact_shortfall", DAY, "the-night", "the night"))
            row = await asyncio.to_thread(
                eventually, "it is at work", lambda: grown.rows(state="running"), 180
            )
            pid = int((row[0].worker or "").rsplit(":", 2)[1])
            for each in (parent(pid), pid):
                os.kill(each, signal.SIGKILL)
        await until_finished(grown, prefect)
        await prefect.close()

    with ExitStack() as workers:
        both = [workers.enter_context(grown.worker()) for _ in range(2)]
        asyncio.run(night())
        assert sorted(each.poll() is None for each in both) == [False, True]

    (killed,) = grown.rows(state="crashed")
    assert (killed.flow, killed.error) == ("contact_shortfall", "Killed")
    assert grown.prefect.state(killed.prefect_id or "") == "CRASHED"
    with db.read(grown.home.engine) as session:
        assert session.execute(select(func.count()).select_from(StoredNudge)).scalar() == 3

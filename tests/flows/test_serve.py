"""`python -m flows.serve`: scheduled runs are executed, and a stop leaves none *Running*."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import runtime, taken
from kamflow.schedules import SCHEDULES
from kamflow.store import adopted
from kamflow.store import engine as db
from notifications.compose import compose
from tests.flows.prefect_api import Prefect, environment, eventually, stopping

pytestmark = pytest.mark.slow

# Tuesday in Berlin, still Monday in UTC, and long ago: whoever runs it is late.
SCHEDULED = datetime(2026, 9, 7, 22, 30, tzinfo=UTC)
FLOW = "contact-shortfall/kamflow"
PATIENCE = 120  # seconds a run may take to finish once it can


@dataclass
class Runner:
    """A runner at work on the home in `folder`."""

    process: subprocess.Popen[bytes]
    folder: Path
    log: Path

    def rows(self) -> list[tuple[str, str, str | None]]:
        """What the ledger says: day, state, error."""
        query = "SELECT as_of, state, error FROM run WHERE flow = 'contact_shortfall' ORDER BY id"
        return self.read(query)

    def read(self, query: str) -> list[tuple]:
        with sqlite3.connect(self.folder / "kamflow.db") as connection:
            found = connection.execute(query).fetchall()
        connection.close()
        return found

    def nudges(self) -> int:
        return self.read("SELECT count(*) FROM nudge")[0][0]


@contextmanager
def serving(folder: Path, prefect: Prefect, *options: str) -> Iterator[Runner]:
    log = folder / "runner.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.serve", *options],
            env=environment(folder, PREFECT_API_URL=prefect.url),
            stdout=out, stderr=out, start_new_session=True,
        )  # fmt: skip
        with stopping(process):
            eventually("deployments registered", lambda: process.poll() or registered(prefect), 120)
            assert process.poll() is None, log.read_text()
            yield Runner(process, folder, log)


def registered(prefect: Prefect) -> bool:
    return len(prefect.call("/deployments/filter")) == len(SCHEDULES)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the database's write lock: who wants to write waits."""
    connection = sqlite3.connect(folder / "kamflow.db", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def schedule(prefect: Prefect) -> str:
    return prefect.schedule(prefect.deployment(FLOW)["id"], SCHEDULED)


def reaches(prefect: Prefect, run: str, state: str, seconds: float = 90) -> None:
    eventually(f"run is {state}", lambda: prefect.state(run) == state, seconds)


def told(folder: Path) -> int:
    """How many messages the nudges make on that Tuesday morning."""
    home = runtime.open_home(folder, lambda: SCHEDULED + timedelta(hours=8))
    with db.write(home.engine) as session:
        adopted.adopt(session, folder, home.now())
    made = compose(home.engine, home.now(), home.settings, home.policy).messages
    home.engine.dispose()
    return made


def test_a_run_decides_for_its_scheduled_day_a_killed_one_is_crashed_and_a_stop_lets_one_finish(
    folder: Path, prefect_server: Prefect
) -> None:
    with serving(folder, prefect_server, "--drain", str(PATIENCE)) as runner:
        decides(runner, prefect_server)
        is_killed(runner, prefect_server)
        is_stopped(runner, prefect_server)


def decides(runner: Runner, prefect: Prefect) -> None:
    run = schedule(prefect)
    reaches(prefect, run, "COMPLETED")

    assert runner.rows() == [("2026-09-08", "finished", None)]
    assert runner.read("SELECT prefect_id FROM run") == [(run,)]
    assert runner.nudges() == 3
    assert told(runner.folder) == 1
    assert runner.read("SELECT state FROM message") == [("waiting",)]
    taker = taken.last_by(prefect.get(f"/flow_run_states/?flow_run_id={run}"))
    assert (taker or "").split(":")[1:2] == [str(runner.process.pid)]


def is_killed(runner: Runner, prefect: Prefect) -> None:
    """Amid a run that waits for the database."""
    with locked(runner.folder):
        run = schedule(prefect)
        reaches(prefect, run, "RUNNING")
        kill_flow_process(runner.process.pid)
    reaches(prefect, run, "CRASHED")

    told = eventually("operations are told", lambda: runner.read("SELECT key FROM incident"))
    assert told == [("run:contact_shortfall",)]
    assert runner.nudges() == 3
    assert "running" not in [state for _, state, _ in runner.rows()]


def is_stopped(runner: Runner, prefect: Prefect) -> None:
    before = len(runner.rows())
    with locked(runner.folder):
        run = schedule(prefect)
        reaches(prefect, run, "RUNNING")
        runner.process.send_signal(signal.SIGTERM)
        # A run that had ended before would not have been waited for.
        eventually("the runner has heard of it", lambda: "runner.stopping" in runner.log.read_text(), 120)
    assert runner.process.wait(2 * PATIENCE) == 0

    assert prefect.state(run) == "COMPLETED"
    assert runner.rows()[before:] == [("2026-09-08", "finished", None)]


def test_a_run_that_does_not_finish_in_time_is_cancelled_with_nothing_half_done(
    folder: Path, prefect_server: Prefect
) -> None:
    with serving(folder, prefect_server, "--drain", "0") as runner:
        with locked(folder):
            run = schedule(prefect_server)
            reaches(prefect_server, run, "RUNNING")
            runner.process.send_signal(signal.SIGTERM)
            eventually("the run has heard of it", lambda: cancelled(runner), 120)
        assert runner.process.wait(120) == 0

        assert prefect_server.state(run) == "CANCELLED"
        # It was stopped while it waited for its turn: before its row in the ledger, or right after it.
        assert runner.rows() in ([], [("2026-09-08", "failed", "Stopped")])
        assert runner.nudges() == 0
        # Who cancels a run knows it.
        assert runner.read("SELECT key FROM incident") == []


def cancelled(runner: Runner) -> bool:
    """Whether the cancellation has reached the run, which waits for the database: it says so, or was so young
    that it is gone."""
    return "TerminationSignal" in runner.log.read_text() or not at_work(runner.process.pid)


def kill_flow_process(runner: int) -> None:
    """SIGKILL to the run: what the kernel does when memory runs out."""
    runs = at_work(runner)
    assert runs
    for run in runs:
        subprocess.run(["kill", "-KILL", str(run)], check=True)


def at_work(runner: int) -> list[int]:
    """The processes of its runs: it has one that is forked for each."""
    return [run for child in children(runner) for run in children(child)]


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for each in found for child in each.read_text().split()]


def test_without_a_server_it_says_so_and_ends(folder: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "flows.serve"],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ran.returncode, ran.stdout) == (2, "")
    assert "no Prefect server answers" in ran.stderr

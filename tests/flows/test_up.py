"""`kamflow up`: ready, refusing, repairing itself, and gone without a trace."""

import os
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from kamflow.store import engine as db
from kamflow.store import ledger
from kamflow.store.run import Outcome
from tests.flows.prefect_api import eventually
from tests.flows.running_up import READY_SECONDS, Up, alive, command, free_ports, read, running, settled
from tests.flows.test_serve import locked

pytestmark = pytest.mark.slow


def test_a_first_start_makes_what_is_missing_and_everything_comes_back_that_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    with running(folder) as up:
        ready = up.ready()
        [made] = up.lines("up.made")
        assert {"kamflow.toml", "secrets/secret_key", "secrets/prefect__auth", "database"} <= {*made["made"]}
        assert (folder / "secrets" / "prefect__auth").stat().st_mode & 0o777 == 0o600
        assert httpx.get(f"{ready['prefect']}/api/flows/count", timeout=30).status_code in (401, 405)
        assert httpx.get(f"{ready['pages']}/list", timeout=30, follow_redirects=True).status_code == 200
        refuses_a_second(up)
        eventually("a cron has its runs", lambda: "SCHEDULED" in up.prefect_states(), READY_SECONDS)
        for part in ("server", "runner"):
            comes_back(up, part)
        family = up.tree()
        assert up.stop() == 0
        assert alive(family) == []
        assert "RUNNING" not in up.prefect_states()
        assert {line.get("level") for line in up.lines()} <= {"info", "warning", "error"}


def refuses_a_second(up: Up) -> None:
    second = subprocess.run(
        command(up.folder), env=settled(up.folder, free_ports()), capture_output=True, text=True, check=False
    )
    assert second.returncode == 2
    assert f"pid {up.process.pid}" in second.stderr


def comes_back(up: Up, part: str) -> None:
    [*_, pid] = up.pids(part)
    os.kill(pid, signal.SIGKILL)
    eventually(f"{part} is missed", lambda: pid not in up.tree())
    eventually(f"{part} is back", lambda: up.pids(part)[-1] != pid and up.well(), READY_SECONDS)


def test_a_run_that_a_stop_cuts_off_is_done_by_the_next_start_and_a_kill_leaves_no_process(
    folder: Path,
) -> None:
    ports, day = free_ports(), datetime(2026, 9, 8, 5, tzinfo=UTC)
    owing(folder)
    with running(folder, ports, KAMFLOW_SECRET_KEY="x" * 40) as up:
        up.ready()
        with locked(folder):
            prefect = up.prefect()
            prefect.schedule(prefect.deployment("contact-shortfall/kamflow")["id"], day)
            # This one, or the one that catch-up asked for meanwhile: then this one waits for it.
            eventually("a run is at work", lambda: "RUNNING" in up.prefect_states())
            family = up.tree()
            assert up.stop() == 0
        assert alive(family) == []
        assert not {"RUNNING", "PENDING", "CANCELLING"} & up.prefect_states()
        assert read(folder / "kamflow.db", "SELECT count(*) FROM nudge") == [(0,)]
    with running(folder, ports, KAMFLOW_SECRET_KEY="x" * 40) as up:
        up.ready()
        eventually("the day is made up for", lambda: finished(folder) > 1, 180)
        family = up.tree()
        up.process.kill()
        eventually("nothing is left", lambda: not alive(family))


def owing(folder: Path) -> None:
    """The flow has run here, some days ago."""
    engine = db.connect(f"sqlite:///{folder / 'kamflow.db'}")
    day = datetime(2026, 9, 7, 5, tzinfo=UTC)
    run = ledger.start(engine, "contact_shortfall", day.date(), None, day, None)
    ledger.finish(engine, run, Outcome(), day, [])
    engine.dispose()


def finished(folder: Path) -> int:
    query = "SELECT count(*) FROM run WHERE flow = 'contact_shortfall' AND state = 'finished'"
    return read(folder / "kamflow.db", query)[0][0]

"""A real Prefect server in a process of its own, asked over HTTP as any client would."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from flows import server
from tests.ports import free_port

READY_SECONDS = 180  # a cold start on two busy cores; 8 seconds when idle

Found = TypeVar("Found")


def eventually(what: str, look: Callable[[], Found], seconds: float = 60) -> Found:
    """What `look` finds, as soon as it is true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        time.sleep(0.1)
    return found


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a process of ours needs: nothing of Prefect or kamflow but what is said here."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "KAMFLOW_"))
    }
    return (
        clean
        | {
            "KAMFLOW_HOME": str(home),
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        }
        | more
    )


@contextmanager
def stopping(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """End a process and its children, which have a session of their own."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@dataclass
class Prefect:
    """The server's API; `seconds` is how long it took to be ready."""

    url: str
    seconds: float = 0
    auth: tuple[str, str] | None = None

    def call(self, path: str, **body: Any) -> Any:
        return self._answer("POST", path, json=body)

    def get(self, path: str) -> Any:
        return self._answer("GET", path)

    def _answer(self, method: str, path: str, **more: Any) -> Any:
        """On SQLite it says 503 now and then: that it was too much at once, and nothing was done."""

        def asked() -> httpx.Response | None:
            answer = httpx.request(method, f"{self.url}{path}", timeout=120, auth=self.auth, **more)
            return None if answer.status_code == 503 else answer

        return eventually("Prefect's server has time", asked, 120).raise_for_status().json()

    def deployment(self, name: str) -> dict[str, Any]:
        return self.get(f"/deployments/name/{name}")

    def runs(self, deployment: str) -> list[dict[str, Any]]:
        return self.call("/flow_runs/filter", deployments={"id": {"any_": [deployment]}})

    def run(self, number: str) -> dict[str, Any]:
        return self.get(f"/flow_runs/{number}")

    def state(self, number: str) -> str:
        return self.run(number)["state_type"]

    def schedule(self, deployment: str, at: datetime, **parameters: Any) -> str:
        """Ask for a run that was to start at `at`; returns its number."""
        state = {"type": "SCHEDULED", "state_details": {"scheduled_time": at.isoformat()}}
        path, key = f"/deployments/{deployment}/create_flow_run", str(uuid4())
        return self.call(path, state=state, parameters=parameters, idempotency_key=key)["id"]


def migrated(home: Path) -> None:
    """Give a home the database that the first server of this test run made: to migrate an empty one takes
    longer than all else that a server does at its start."""
    first, own = _first_database(home), home / "prefect" / "prefect.db"
    if first is not None and first.exists() and not own.exists():
        own.parent.mkdir(exist_ok=True)
        shutil.copy(first, own)


def _keep(home: Path) -> None:
    """Keep the database of the first server, which nobody has asked for anything yet."""
    first, own = _first_database(home), home / "prefect" / "prefect.db"
    if first is None or first.exists() or not own.exists():
        return
    copy = first.with_suffix(f".{os.getpid()}")
    with closing(sqlite3.connect(own, timeout=30)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    copy.replace(first)


def _first_database(home: Path) -> Path | None:
    """Beside the folders of all tests of this run, whatever process does them."""
    runs = [each for each in home.parents if each.parent.name.startswith("pytest-of-")]
    return runs[0] / "prefect.db" if runs else None


@contextmanager
def running(folder: Path, port: int = 0, **more: str) -> Iterator[Prefect]:
    """A server with its database in `folder`, until the end of the block; `more`: its environment."""
    port, begun = port or free_port(), time.monotonic()
    migrated(folder)
    command = [sys.executable, "-m", "prefect", "server", "start", "--no-ui"]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env=environment(folder, **more), cwd=folder, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        with stopping(process):
            proof = more.get("PREFECT_SERVER_API_AUTH_STRING", "").partition(":")
            auth = (proof[0], proof[2]) if proof[0] else None
            prefect = Prefect(f"http://127.0.0.1:{port}/api", auth=auth)
            eventually("server healthy", lambda: server.healthy(prefect.url), READY_SECONDS)
            prefect.seconds = time.monotonic() - begun
            _keep(folder)
            yield prefect

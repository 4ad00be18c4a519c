"""`kamflow up` as a real process, and what belongs to it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.flows.prefect_api import Prefect, environment, eventually
from tests.ports import free_port

KEY = "a secret of these tests, as long as secrets are"
READY_SECONDS = 300  # two cores that others use, too, and a database of Prefect that is new


@dataclass
class Up:
    process: subprocess.Popen[bytes]
    folder: Path
    log: Path
    ports: dict[str, int]

    def lines(self, event: str = "") -> list[dict[str, Any]]:
        """What it logged; every line has the same form."""
        whole, _, _ = self.log.read_text().rpartition("\n")  # the last one may still be written
        said = [json.loads(line) for line in whole.splitlines()]
        return [line for line in said if not event or line["event"] == event]

    def ready(self) -> dict[str, Any]:
        def look() -> list[dict[str, Any]]:
            assert self.process.poll() is None, self.log.read_text()
            return self.lines("up.ready")

        return eventually("up is ready", look, READY_SECONDS)[0]

    def states(self) -> dict[str, str]:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.ports['operations']}/ready").json()["states"]
        return {}

    def well(self) -> bool:
        states = self.states()
        return bool(states) and set(states.values()) == {"running"}

    def prefect(self) -> Prefect:
        auth = (self.folder / "secrets" / "prefect__auth").read_text()
        return Prefect(f"http://{auth}@127.0.0.1:{self.ports['prefect']}/api")

    def pids(self, part: str) -> list[int]:
        return [line["pid"] for line in self.lines("up.started") if line["part"] == part]

    def tree(self) -> list[int]:
        """It and all that came from it."""
        return descendants(self.process.pid)

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(120)

    def prefect_states(self) -> set[str]:
        return {
            row[0] for row in read(self.folder / "prefect" / "prefect.db", "SELECT state_type FROM flow_run")
        }


def descendants(pid: int) -> list[int]:
    children = [
        int(child)
        for each in Path(f"/proc/{pid}/task").glob("*/children")
        for child in each.read_text().split()
    ]
    return [pid, *(found for child in children for found in descendants(child))]


def alive(pids: list[int]) -> list[int]:
    """Those that still run; a zombie does not."""

    def runs(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return [pid for pid in pids if runs(pid)]


def read(database: Path, query: str) -> list[Any]:
    connection = sqlite3.connect(database, timeout=30)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def settled(folder: Path, ports: dict[str, int], **more: str) -> dict[str, str]:
    """The environment of an `up` of its own ports."""
    listen = {
        f"KAMFLOW_{name}": f"127.0.0.1:{ports[port]}"
        for name, port in (
            ("WEB__PUBLIC_LISTEN", "public"),
            ("WEB__INTERNAL_LISTEN", "internal"),
            ("OPERATIONS__LISTEN", "operations"),
        )
    }
    clean = environment(
        folder, **listen, KAMFLOW_PREFECT__PORT=str(ports["prefect"]), KAMFLOW_LOG="json", **more
    )
    return {name: value for name, value in clean.items() if not name.startswith(("PREFECT_", "PYTHONDONT"))}


def free_ports() -> dict[str, int]:
    return {name: free_port() for name in ("public", "internal", "operations", "prefect")}


def command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "kamflow.cli.app", "up", "--home", str(folder)]


@contextmanager
def running(folder: Path, ports: dict[str, int] | None = None, **more: str) -> Iterator[Up]:
    """It runs, and everything of it is gone at the end of the block."""
    ports = ports or free_ports()
    log = folder.with_name(f"{folder.name}-{ports['public']}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            command(folder),
            env=settled(folder, ports, **more),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    up = Up(process, folder, log, ports)
    try:
        yield up
    finally:
        for pid in up.tree() if process.poll() is None else []:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()

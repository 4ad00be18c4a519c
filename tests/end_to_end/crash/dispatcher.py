"""A dispatcher in a process of its own: it delivers what is due until nothing is, or until it is killed.

It is forked from a process that has everything loaded, so that a hundred of them cost seconds, not minutes.
"""

import asyncio
import multiprocessing
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from flows import runtime, telling
from flows.pulse import Deliverer
from flows.runtime import Home
from kamflow.store import engine as db
from notifications import claimed
from notifications.channels.slack_pace import Limits, Pace
from notifications.deliver import deliver
from tests.end_to_end.crash.full_home import FullHome
from tests.flows.prefect_api import eventually

LOG = "dispatchers.log"
SHORT_PATIENCE = 1.0
UNPACED = Limits(calls={}, between=0.0)  # the Slack it posts to keeps no limits either
FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload([__name__, "tests.end_to_end.crash.warm"])


@dataclass
class Dispatcher:
    """One that was started; how many there were before it is its number."""

    process: BaseProcess
    number: int
    log: Path

    def kill(self) -> bool:
        """SIGKILL; tell whether there was something to kill."""
        self.process.kill()
        return not self.ended()

    def ended(self, seconds: float = 300) -> bool:
        """Wait until it is gone; tell whether it ended by itself, which it may only do when it is done."""
        self.process.join(seconds)
        assert self.process.exitcode in (0, -signal.SIGKILL), self.log.read_text(encoding="utf-8")[-4000:]
        return self.process.exitcode == 0


def start(home: FullHome, number: int = 0, *, together: bool = False) -> Dispatcher:
    """Start one. `together`: it does not begin before there is a file `go` beside kamflow.toml, and says with
    a file `ready-<number>` that it could."""
    process = FORK.Process(target=work, args=(home.folder, home.secrets, number, together), daemon=False)
    process.start()
    return Dispatcher(process, number, home.folder / LOG)


def keep_going(home: FullHome, patience: float = SHORT_PATIENCE) -> Dispatcher:
    """Start one that goes on until it is killed, as that of `kamflow up` does. It has so many seconds of
    patience with a locked SQLite; while there is a file `full` beside kamflow.toml, its database does not
    grow."""
    process = FORK.Process(target=beat, args=(home.folder, home.secrets, patience), daemon=False)
    process.start()
    eventually("it goes", (home.folder / f"going-{process.pid}").exists, 120)
    return Dispatcher(process, 0, home.folder / LOG)


def beat(folder: Path, secrets: dict[str, str], patience: float) -> None:
    """Be the one that keeps going."""
    db.BUSY_SECONDS = patience
    home = _opened(folder, secrets)

    def limited(connection: Any, *_: Any) -> None:
        pages = 1 if (folder / "full").exists() else 2**30
        connection.execute(f"PRAGMA max_page_count = {pages}")

    if home.engine.dialect.name == "sqlite":
        event.listen(home.engine, "checkout", limited)

    async def beats() -> None:
        deliverer = Deliverer(home)
        (folder / f"going-{os.getpid()}").touch()
        while True:
            with suppress(SQLAlchemyError):
                await deliverer.beat()
            await asyncio.sleep(0.2)

    asyncio.run(beats())


def work(folder: Path, secrets: dict[str, str], number: int, together: bool) -> None:
    """Be the dispatcher."""

    async def delivered() -> None:
        async with telling.channels(home, Pace(UNPACED)) as out:
            told = await deliver(home.engine, home.now, home.settings, home.policy, out)
        (folder / f"delivered-{number}").write_text(f"{told.sent} {told.failed}", encoding="ascii")

    claimed.SETTLES = timedelta(0)  # the Slack it posts to does nothing once its caller is gone
    home = _opened(folder, secrets)
    if together:
        (folder / f"ready-{number}").touch()
        eventually("all are ready", (folder / "go").exists, 120)
    asyncio.run(delivered())
    home.engine.dispose()


def _opened(folder: Path, secrets: dict[str, str]) -> Home:
    os.environ.update(secrets)
    with (folder / LOG).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 2)
    return runtime.open_home(folder, runtime.clock, "warning")

"""A dispatcher in a process of its own: it delivers what is due until nothing is, or until it is killed.

It is forked from a process that has everything loaded, so that a hundred of them cost seconds, not minutes.
"""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from flows import runtime, telling
from flows.pulse import Deliverer
from flows.runtime import Home
from kamflow.store import engine as db
from notifications.deliver import deliver
from tests.end_to_end.crash.full_home import FullHome

LOG = "dispatchers.log"
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


def start(home: FullHome, number: int = 0, ahead: timedelta = timedelta()) -> Dispatcher:
    """Start one whose clock is so far ahead."""
    process = FORK.Process(target=work, args=(home.folder, home.secrets, number, ahead), daemon=False)
    process.start()
    return Dispatcher(process, number, home.folder / LOG)


def keep_going(home: FullHome) -> Dispatcher:
    """Start one that goes on until it is killed, as that of `kamflow up` does. Its patience with a locked
    SQLite is short, and while there is a file `full` beside kamflow.toml, its database does not grow."""
    process = FORK.Process(target=beat, args=(home.folder, home.secrets), daemon=False)
    process.start()
    return Dispatcher(process, 0, home.folder / LOG)


def beat(folder: Path, secrets: dict[str, str]) -> None:
    """Be the one that keeps going."""
    db.BUSY_SECONDS = 1
    home = _opened(folder, secrets, runtime.clock)

    def limited(connection: Any, *_: Any) -> None:
        pages = 1 if (folder / "full").exists() else 2**30
        connection.execute(f"PRAGMA max_page_count = {pages}")

    if home.engine.dialect.name == "sqlite":
        event.listen(home.engine, "checkout", limited)

    async def beats() -> None:
        deliverer = Deliverer(home)
        while True:
            with suppress(SQLAlchemyError):
                await deliverer.beat()
            await asyncio.sleep(0.2)

    asyncio.run(beats())


def work(folder: Path, secrets: dict[str, str], number: int, ahead: timedelta) -> None:
    """Be the dispatcher."""

    def now() -> datetime:
        return runtime.clock() + ahead

    async def delivered() -> None:
        async with telling.channels(home) as out:
            told = await deliver(home.engine, now, home.settings, home.policy, out)
        (folder / f"delivered-{number}").write_text(f"{told.sent} {told.failed}", encoding="ascii")

    home = _opened(folder, secrets, now)
    asyncio.run(delivered())
    home.engine.dispose()


def _opened(folder: Path, secrets: dict[str, str], now: Callable[[], datetime]) -> Home:
    os.environ.update(secrets)
    with (folder / LOG).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 2)
    return runtime.open_home(folder, now, "warning")

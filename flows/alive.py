"""Whether the process that does a run still lives: told by its host, its pid and when it began.

On this machine the kernel knows. Of a worker elsewhere only what it wrote last is known: it says every half
minute in our ledger that it is alive.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from os import getpid
from pathlib import Path
from threading import Event, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kamflow.store import engine as db
from kamflow.store import run_rows

SECONDS = 30.0
SILENT = timedelta(minutes=3)  # a worker elsewhere that said nothing for so long is dead
BEGAN = 19  # the field of /proc/<pid>/stat behind the name: clock ticks since the machine started


def me() -> str:
    """This process, as no other process of any machine is called."""
    return f"{socket.gethostname()}:{getpid()}:{_began(getpid())}"


def dead(worker: str, seen_at: datetime | None, now: datetime) -> bool:
    """Tell whether this process has ended; in doubt it has not."""
    _, pid, began = worker.rsplit(":", 2)
    if here(worker):
        return _began(int(pid)) != began
    return seen_at is not None and now - seen_at > SILENT


def here(worker: str) -> bool:
    """Tell whether this process is one of this machine's, of which the kernel knows."""
    return worker.rsplit(":", 2)[0] == socket.gethostname()


def _began(pid: int) -> str | None:
    try:
        # The name of the program may hold spaces and brackets: what follows the last one does not.
        state, *rest = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else rest[BEGAN - 1]


@contextmanager
def said(engine: Engine, run_id: int, now: Callable[[], datetime]) -> Iterator[None]:
    """Say within that the run is alive; all workers of an SQLite file are on its machine, where the kernel
    knows it better."""
    if engine.dialect.name == "sqlite":
        yield
        return
    over = Event()

    def beat() -> None:
        while not over.wait(SECONDS):
            with suppress(SQLAlchemyError), db.write(engine) as session:
                run_rows.alive(session, run_id, now())

    thread = Thread(target=beat, name="alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()

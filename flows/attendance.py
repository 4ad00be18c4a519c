"""The row of a `kamflow up` in the database: it came, it went."""

import os
import socket
from importlib.metadata import version

from flows import leading
from flows.runtime import Home
from kamflow.models.watch import Supervisor
from kamflow.store import engine as db
from kamflow.store import supervisors


def came(home: Home) -> str:
    """Write down that this process supervises the home; how it is called."""
    now = home.now()
    row = Supervisor(
        name=leading.name(now),
        host=socket.gethostname(),
        path=str(home.settings.home.resolve()),
        pid=os.getpid(),
        version=version("kamflow"),
        started_at=now,
        seen_at=now,
    )
    with db.write(home.engine) as session:
        supervisors.begun(session, row, leading.LEASE)
    return row.name


def went(home: Home, holder: str) -> None:
    """Write down that it was stopped."""
    with db.write(home.engine) as session:
        supervisors.stopped(session, holder, home.now())

"""One `kamflow up` per home: a lock on a file that ends with the process, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kamflow.errors import InputError

FILE = "kamflow.pid"


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the home; its file says our pid to the others.

    Raises:
        InputError: another `kamflow up` runs on this home.
    """
    # Not handed on to children: they must not hold it when we are gone.
    file = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(file, 32).decode(errors="replace").strip() or "unknown"
            raise InputError(
                f"kamflow runs on {home.resolve()} already, pid {pid}: stop that one first (kill {pid})"
            ) from None
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(file)


def running(home: Path) -> int | None:
    """The pid of the `kamflow up` on this home, if there is one."""
    try:
        with (home / FILE).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return int(file.read() or 0)
    except OSError:
        pass
    return None

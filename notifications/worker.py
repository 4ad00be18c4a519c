"""Who claims messages: a process on a machine, named so that others can tell when it is no more.

A machine is meant as its kernel sees it: since it was started, and of a container the processes within it.
Elsewhere, or where that cannot be known, a lease has to end first.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

_BOOT, _PROCESSES = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
_PARTS = 4  # of a process
_BEGUN = 19  # the field of /proc/…/stat, counted from the one behind the name


def named() -> str:
    """A name for this worker, its own among all of this process."""
    pid = os.getpid()
    return ":".join((socket.gethostname(), str(pid), _begun(pid), _machine(), uuid4().hex[:8]))


def process(name: str) -> str:
    """The process of this worker: all others of it are of the same."""
    return name.rpartition(":")[0]


def is_gone(name: str) -> bool:
    """Tell whether this worker's process is no more, beyond doubt."""
    return process_is_gone(process(name))


def process_is_gone(name: str) -> bool:
    """Tell the same of a process."""
    parts = name.rsplit(":", _PARTS - 1)
    if len(parts) != _PARTS or not parts[1].isdecimal() or not parts[3] or parts[3] != _machine():
        return False
    pid = int(parts[1])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is somebody else's
        return False
    begun = _begun(pid)
    return begun != parts[2] and "" not in {begun, parts[2]}  # another one has its number


def _machine() -> str:
    with suppress(OSError):
        return f"{_BOOT.read_text(encoding='ascii').strip()}-{_PROCESSES.readlink().name.strip('pid:[]')}"
    return ""


def _begun(pid: int) -> str:
    with suppress(OSError, IndexError):
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return said.rpartition(")")[2].split()[_BEGUN]
    return ""

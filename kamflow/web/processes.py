"""What the machine says of our processes."""

import os
from pathlib import Path

PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")


def memory(leader: int) -> int:
    """Resident bytes of a process and of all it started, which are in its session; 0 when it is gone.

    Pages that several share count for each.
    """
    return sum(_resident(each) for each in PROC.glob("[0-9]*") if _session(each) == leader)


def _session(process: Path) -> int | None:
    try:
        # The name, in brackets, may hold anything: the figures come after its end.
        _, _, figures = (process / "stat").read_text().rpartition(")")
        return int(figures.split()[3])
    except (OSError, IndexError, ValueError):
        return None  # it ended meanwhile


def _resident(process: Path) -> int:
    try:
        return int((process / "statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0

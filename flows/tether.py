"""Bound to the process that started us: when it is gone so are we, whatever ended it.

Linux sends the signal itself, so it also reaches us when our supervisor was killed. What was in work is
rolled back by the database, and asked for again by the next start.
"""

import ctypes
import os
import signal

SUPERVISOR = "KAMFLOW_SUPERVISOR"  # pid of the `kamflow up` that started this process
PR_SET_PDEATHSIG = 1
INIT = 1  # who is given the children of the dead


def to_supervisor() -> None:
    """End with the `kamflow up` that started this process; nothing where somebody else did."""
    if parent := os.environ.get(SUPERVISOR):
        to_parent(int(parent))


def to_parent(parent: int) -> None:
    """End with this parent, at once where it is gone already."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent or parent == INIT:
        os._exit(1)

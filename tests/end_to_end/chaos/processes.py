"""Which processes belong to a `kamflow up`, by what they do; and their sudden end."""

from contextlib import suppress
from pathlib import Path

import psutil

GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


def of_home(folder: Path) -> dict[str, list[psutil.Process]]:
    """Every process of the home, by its role: up, server, runner, flow."""
    found: dict[str, list[psutil.Process]] = {"up": [], "server": [], "runner": [], "flow": []}
    for process in psutil.process_iter():
        with suppress(*GONE):
            if process.environ().get("KAMFLOW_HOME") == str(folder) and process.pid != psutil.Process().pid:
                found[_role(process)].append(process)
    return found


def kill(process: psutil.Process) -> bool:
    """SIGKILL; tell whether there was something to kill."""
    with suppress(*GONE):
        process.kill()
        return True
    return False


def _role(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    if "kamflow.cli.app" in words:
        return "up"
    if "uvicorn" in words or "prefect server" in words or "prefect.server" in words:
        return "server"
    # A run is forked from the process that has everything loaded; that one belongs to the runner.
    parent = process.parent()
    forked = "forkserver" in words and parent is not None and "forkserver" in " ".join(parent.cmdline())
    return "flow" if forked or "prefect.engine" in words else "runner"

"""Which processes belong to a `kamflow up`, by what they do; and their sudden end."""

from contextlib import suppress
from pathlib import Path

import psutil

GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


def of_home(folder: Path) -> dict[str, list[psutil.Process]]:
    """Every process of the home, by its role: up, server, runner (and what it forks from), flow, helper."""
    found: dict[str, list[psutil.Process]] = {
        each: [] for each in ("up", "server", "runner", "flow", "helper")
    }
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
    if _does(process, "kamflow.cli.app"):
        return "up"
    if _does(process, "flows.prefect_host"):
        return "server"
    # The runner splits off the process that is forked for each run: a run is its grandchild.
    parents = process.parents()[:2]
    if len(parents) == 2 and all(_does(each, "flows.serve") for each in (process, *parents)):
        return "flow"
    return "runner" if _does(process, "flows.serve") else "helper"


def _does(process: psutil.Process, module: str) -> bool:
    return module in process.cmdline()

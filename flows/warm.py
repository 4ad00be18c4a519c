"""Start runs from a process that has Prefect and all flows loaded already: a fork instead of 3 s of imports.

The process that is forked does nothing but that, so no thread, lock or connection is ever copied. A run has
a process of its own as before, with the environment that Prefect's own starter would give it.
"""

import atexit
import multiprocessing
import os
import runpy
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from uuid import UUID

import anyio.abc
import anyio.to_thread
from prefect.client.schemas.objects import FlowRun
from prefect.runner._control_channel import ControlChannel
from prefect.runner._process_manager import ProcessHandle

from kamflow.schedules import SCHEDULES

METHOD = "forkserver"
# What every run needs, also what it would import only once it is at work.
LOADED = [
    "prefect.flow_engine",
    "prefect.deployments",
    "prefect._vendor.croniter",
    "anyio._backends._asyncio",
    "anyio.streams.tls",
    "encodings.idna",
    "holidays.countries",
    "rich._emoji_codes",
    "sqlite3",
    *sorted({f"flows.{each.flow}" for each in SCHEDULES}),
]


def possible() -> bool:
    """Tell whether this system can fork so; elsewhere each run loads everything itself."""
    return METHOD in multiprocessing.get_all_start_methods()


async def load() -> None:
    """Start the process that is forked, so that not even the first run waits for it."""
    context = multiprocessing.get_context(METHOD)
    context.set_forkserver_preload(LOADED)
    first = context.Process(target=_nothing)
    await anyio.to_thread.run_sync(first.start)
    await anyio.to_thread.run_sync(first.join)


class WarmStarter:
    """What Prefect's runner asks to start a run; it waits for the process to end."""

    def __init__(self, deployment: str | None, folder: Path, control: ControlChannel) -> None:
        self._deployment = deployment
        self._folder = folder
        self._control = control

    async def start(
        self,
        flow_run: FlowRun,
        task_status: anyio.abc.TaskStatus[ProcessHandle] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        told = self._told(flow_run.id)
        process = multiprocessing.get_context(METHOD).Process(target=execute, args=(told,))
        try:
            await anyio.to_thread.run_sync(process.start)
        except BaseException:
            self._control.unregister(flow_run.id)
            raise
        task_status.started(ProcessHandle(process))  # pyright: ignore[reportArgumentType] - has what a spawned one has
        await anyio.to_thread.run_sync(process.join)

    def _told(self, number: UUID) -> dict[str, str]:
        told = {
            "PREFECT__FLOW_RUN_ID": str(number),
            "PREFECT__STORAGE_BASE_PATH": str(self._folder),
            "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS": "false",
        }
        if self._deployment is not None:
            told["PREFECT__DEPLOYMENT_NAME"] = self._deployment
        try:
            port, token = self._control.register(number)
        except RuntimeError:
            return told  # no channel: a run can then be killed, not asked to end
        return told | {"PREFECT__CONTROL_PORT": str(port), "PREFECT__CONTROL_TOKEN": token}


def execute(told: dict[str, str]) -> None:
    """Be `python -m prefect.engine` in a process that has it loaded."""
    os.environ.update(told)
    # Ctrl-C reaches all processes of a terminal: the runner lets its runs end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.argv = ["prefect.engine", told["PREFECT__FLOW_RUN_ID"]]  # else those of the runner
    engine = find_spec("prefect.engine")
    assert engine is not None and engine.origin is not None  # noqa: S101, PT018 - it was loaded
    try:
        runpy.run_path(engine.origin, run_name="__main__")
    finally:
        # A forked process leaves without: what Prefect has not yet told its server would be lost.
        atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]


def _nothing() -> None:
    """Be forked, and end."""

"""Start runs from a process that has Prefect and all flows loaded already: a fork instead of 3 s of imports.

The process that is forked does nothing but that, so no thread, lock or connection is ever copied. A run has
a process of its own as before, with the environment that Prefect's own starter would give it.
"""

import atexit
import gc
import multiprocessing
import os
import runpy
import shutil
import signal
import socket
import sys
import tempfile
from importlib import import_module
from importlib.util import find_spec
from multiprocessing import forkserver, resource_tracker
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import anyio.abc
import anyio.to_thread
from prefect.client.schemas.objects import FlowRun
from prefect.runner._control_channel import ControlChannel
from prefect.runner._process_manager import ProcessHandle

from flows import tether
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


def begin() -> None:
    """Load everything, and split off the process that is forked for each run; before any thread starts.

    Python's own way is a process that loads all of it a second time: what ours shares with this one takes
    no memory of its own.
    """
    for name in LOADED:
        import_module(name)
    server: Any = forkserver._forkserver  # pyright: ignore[reportPrivateUsage]
    resource_tracker.ensure_running()
    gc.collect()
    gc.freeze()  # or the first look through it would copy what is shared
    listener, address = _listener()
    with listener:
        alive, ours = os.pipe()
        runner = os.getpid()
        pid = os.fork()
        if pid == 0:
            _be_forked(runner, listener, alive, ours)
        os.close(alive)
    server._forkserver_address, server._forkserver_alive_fd, server._forkserver_pid = address, ours, pid
    server.set_forkserver_preload(LOADED)  # for the one that Python starts, should ours be killed


def _listener() -> tuple[socket.socket, str]:
    folder = tempfile.mkdtemp(prefix="kamflow-")  # nobody else may ask for a run
    address = f"{folder}/runs"
    atexit.register(_remove, folder, os.getpid())
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    return listener, address


def _remove(folder: str, runner: int) -> None:
    if os.getpid() == runner:  # a run that ends leaves it to the others
        shutil.rmtree(folder, ignore_errors=True)


def _be_forked(runner: int, listener: socket.socket, alive: int, ours: int) -> NoReturn:
    """Fork for each run until the runner is gone."""
    code = 1
    try:
        os.close(ours)
        tether.to_parent(runner)
        forkserver.main(listener.detach(), alive, [])
        code = 0
    except SystemExit:
        code = 0
    finally:
        os._exit(code)


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
    tether.to_parent(os.getppid())  # which ends with its runner
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

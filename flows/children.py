"""A part that is a process of its own, in a session of its own: only we tell it to stop."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from time import monotonic

import structlog

from flows import tether
from flows.overheard import Overheard
from flows.parts import Part

BEGIN_SECONDS = 300.0  # until it is well for the first time: a new database on a busy machine
UNWELL_SECONDS = 60.0  # after that it is started again
LOOK_SECONDS, LOOK_AT_START = 3.0, 0.2
LONGEST_LINE = 2**20

log = structlog.get_logger()

Look = Callable[[], Awaitable[bool]]


class Child(Part):
    """`python -m module`. It is ready when `look` finds it well, or where there is no `look` when it says
    `<name>.ready`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        look: Look | None = None,
    ) -> None:
        super().__init__(name)
        self._command = command
        self._environment = environment
        self._look = look
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    async def _once(self) -> str:
        self.state = "starting"
        process = self._process = await self._started()
        log.info("up.started", part=self.name, pid=process.pid)
        listening = asyncio.create_task(self._listen(process))
        looking = asyncio.create_task(self._unwell(process)) if self._look else None
        code = await process.wait()
        if looking is not None:
            looking.cancel()
        _kill_session(process.pid)
        await listening
        return f"exit {code}" if code >= 0 else signal.Signals(-code).name

    async def _started(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            env={**self._environment, tether.SUPERVISOR: str(os.getpid())},
            start_new_session=True,
            limit=LONGEST_LINE,
        )

    async def _listen(self, process: Process) -> None:
        heard = Overheard(self.name, self._said)
        assert process.stdout is not None  # noqa: S101 - asked for
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                continue  # longer than any line of ours
            if not line:
                return
            heard.line(line)

    def _said(self, event: str) -> None:
        if self._look is None and event == f"{self.name}.ready":
            self._ready()

    async def _unwell(self, process: Process) -> None:
        """Look after it; end it when it has been unwell for too long."""
        assert self._look is not None  # noqa: S101 - else nobody calls this
        last, patience = monotonic(), BEGIN_SECONDS
        while monotonic() - last < patience:
            if await self._look():
                self._ready()
                last, patience = monotonic(), UNWELL_SECONDS
            elif self.state == "running":
                self.state = "down"
            await asyncio.sleep(LOOK_AT_START if self.state == "starting" else LOOK_SECONDS)
        log.error("up.unwell", part=self.name, seconds=patience)
        with suppress(ProcessLookupError):
            process.kill()

    async def end(self, seconds: float) -> None:
        self.stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(process.wait()), seconds)
        except TimeoutError:
            log.warning("up.cut_off", part=self.name, after=seconds)
        _kill_session(process.pid)

    def hurry(self) -> None:
        """Let nothing finish."""
        if self.pid is not None:
            _kill_session(self.pid)


def _kill_session(leader: int) -> None:
    """End what is left of a session: a run whose runner is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)

"""The parts of a running kamflow: each is started, watched, started again when it ends by itself, stopped."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from time import monotonic
from typing import Any, Literal

import structlog

State = Literal["starting", "running", "down", "stopped"]  # as kamflow.web.monitor shows it
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds before a part that ended is started again
WELL_FOR = 60.0  # seconds after which it begins anew with the short pause

log = structlog.get_logger()


class Part:
    """Something that stands until it is told to stop: `_once` ends by itself only when something is wrong."""

    state: State

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = "starting"
        self.restarts = 0
        self.stands = asyncio.Event()  # it was well for once
        self.stopping = asyncio.Event()
        self._pause = FIRST_PAUSE

    @property
    def pid(self) -> int | None:
        return None

    def _ready(self) -> None:
        self.state = "running"
        self.stands.set()

    async def keep(self) -> None:
        """Stand, again and again, until `end`."""
        while not self.stopping.is_set():
            begun = monotonic()
            cause = await self._ended()
            if self.stopping.is_set():
                break
            self.state = "down"
            if monotonic() - begun > WELL_FOR:
                self._pause = FIRST_PAUSE
            log.error("up.ended", part=self.name, cause=cause, again_in=self._pause)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), self._pause)
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            self.restarts += 1
        self.state = "stopped"

    async def _ended(self) -> str:
        try:
            return await self._once()
        except Exception as error:
            log.exception("up.failed", part=self.name, exc_info=error)
            return type(error).__name__

    async def end(self, seconds: float) -> None:
        """Stop within so many seconds."""
        raise NotImplementedError

    async def _once(self) -> str:
        raise NotImplementedError


class Task(Part):
    """A part within this process: a coroutine that stands until the event it is handed is set."""

    def __init__(
        self, name: str, run: Callable[[asyncio.Event, Callable[[], None]], Coroutine[Any, Any, None]]
    ) -> None:
        super().__init__(name)
        self._run = run
        self._stands: asyncio.Task[None] | None = None

    async def _once(self) -> str:
        self.state = "starting"
        self._stands = asyncio.create_task(self._run(self.stopping, self._ready))
        await asyncio.wait([self._stands])
        self._stands.result()
        return "ended"

    async def end(self, seconds: float) -> None:
        self.stopping.set()
        if self._stands is None:
            return
        _, late = await asyncio.wait([self._stands], timeout=seconds)
        for task in late:
            log.warning("up.cut_off", part=self.name, after=seconds)
            task.cancel()
            await asyncio.wait([task], timeout=1)

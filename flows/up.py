"""Everything of a home at work in one place: two children (Prefect's server, the runner) and, in this
process, the clock, the pages and the listener for those who watch.

Each part is started again when it ends by itself. At the end they stop in an order in which nobody is asked
for what is gone already.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from time import monotonic
from typing import TYPE_CHECKING

import structlog

from flows import assembled
from flows.children import Child
from flows.parts import Part
from kamflow.settings import Settings

if TYPE_CHECKING:
    from flows.runtime import Home

# Seconds that each may take to stop, in this order; together within 30.
ORDER = {"clock": 8.0, "page": 5.0, "runner": 11.0, "server": 3.0, "monitor": 1.0}
LEFT_SECONDS, GONE_SECONDS = 2.0, 1.0

log = structlog.get_logger()


@dataclass
class Told:
    """What signals have said: to stop, and to hurry."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)

    def signal(self) -> None:
        (self.hurry if self.stop.is_set() else self.stop).set()


async def until_told(settings: Settings, opened: Callable[[], "Home"], begun: float) -> None:
    """Run everything until a signal says to stop; a second one hurries.

    `opened` opens the home, and may take its time; `begun` is the monotonic time of the start.
    """
    told, loop = Told(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, told.signal)
    await run(settings, opened, told, begun)


async def run(settings: Settings, opened: Callable[[], "Home"], told: Told, begun: float) -> None:
    """Run everything until told to stop.

    Raises:
        KamflowError: the home cannot be opened.
    """
    up, home = _Up(settings, told), None
    assembled.write_address(settings)
    try:
        # Prefect's server takes longest: it starts while the home is opened.
        up.keep(assembled.prefect_server(settings))
        home = await asyncio.to_thread(opened)
        attendance = import_module("flows.attendance")
        holder = await asyncio.to_thread(attendance.came, home)
        up.keep(assembled.runner(settings))
        for task in assembled.tasks(home, holder, ORDER["clock"] - 1, up.parts).values():
            up.keep(task)
        announcing = asyncio.create_task(up.announce(begun))
        await told.stop.wait()
        announcing.cancel()
    finally:
        await up.end(home)
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.to_thread(attendance.went, home, holder), GONE_SECONDS)


class _Up:
    """The parts that stand."""

    def __init__(self, settings: Settings, told: Told) -> None:
        self._settings = settings
        self._told = told
        self.parts: dict[str, Part] = {}
        self._keeping: list[asyncio.Task[None]] = []

    def keep(self, part: Part | None) -> None:
        if part is not None:
            self.parts[part.name] = part
            self._keeping.append(asyncio.create_task(part.keep()))

    async def announce(self, begun: float) -> None:
        """Say it once everything runs."""
        for part in self.parts.values():
            await part.stands.wait()
        web, api = self._settings.web, assembled.api_url(self._settings)
        log.info(
            "up.ready",
            seconds=round(monotonic() - begun, 1),
            pages=web.internal_url or f"http://{web.internal_listen}",
            surveys=web.public_url or f"http://{web.public_listen}",
            prefect=api.removesuffix("/api"),
            health=f"http://{self._settings.operations.listen}/health",
        )

    async def end(self, home: "Home | None") -> None:
        """Stop all parts in their order; whoever is told to hurry waits for none."""
        log.info("up.stopping")
        begun = monotonic()
        hurrying = asyncio.create_task(self._told.hurry.wait())
        for name, seconds in ORDER.items():
            if (part := self.parts.get(name)) is not None:
                await _end(part, seconds, hurrying)
            if name == "runner" and home and {"runner", "server"} <= self.parts.keys():
                await _no_run_left(home)
        hurrying.cancel()
        if self._keeping:
            await asyncio.wait(self._keeping, timeout=1)
        log.info("up.stopped", seconds=round(monotonic() - begun, 1))


async def _end(part: Part, seconds: float, hurrying: asyncio.Task[bool]) -> None:
    begun = monotonic()
    ending = asyncio.create_task(part.end(seconds))
    await asyncio.wait([ending, hurrying], return_when=asyncio.FIRST_COMPLETED)
    if ending.done():
        log.info("up.part_stopped", part=part.name, seconds=round(monotonic() - begun, 1))
        return
    if isinstance(part, Child):
        part.hurry()
    ending.cancel()
    await asyncio.wait([ending], timeout=1)


async def _no_run_left(home: "Home") -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(import_module("flows.left_running").end(home), LEFT_SECONDS)

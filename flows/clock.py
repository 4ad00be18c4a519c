"""The pulse: `python -m flows.clock`, with KAMFLOW_HOME (default: the current folder).

Relay, compose and deliver, each at most once at a time, at most a second apart. The state of everything lies
in tables, so a beat that is missed, late or killed is made up for by the next.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC
from functools import partial
from time import monotonic

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from flows import server, standing
from flows.prefect_server import PrefectServer
from flows.pulse import Composer, Deliverer
from flows.relay import relay_events
from flows.runtime import Home

BEAT_SECONDS = 0.5
LONGEST_PAUSE = 60.0  # seconds after a job that failed again and again
STILL_SECONDS = 5.0  # without a beat: somebody has set the machine's clock back
STOP_SECONDS = 30.0  # what is in work may end
CHANNELS = ("email", "slack")

log = structlog.get_logger()


class Beating:
    """One job of the clock: a failure is logged and followed by a pause that grows; then it goes on."""

    def __init__(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._work = work
        self._failed = 0
        self._not_before = 0.0
        self._busy = asyncio.Lock()
        self.last = monotonic()

    async def beat(self) -> None:
        async with self._busy:
            self.last = monotonic()
            if self.last < self._not_before:
                return
            try:
                await self._work()
                self._failed = 0
            except Exception as error:
                self._failed += 1
                pause = min(2.0 ** (self._failed - 1), LONGEST_PAUSE)
                self._not_before = monotonic() + pause
                log.exception("clock.failed", job=self.name, again_in=pause, exc_info=error)

    def still(self) -> bool:
        """Tell whether it has not been called for long, though it does nothing."""
        return not self._busy.locked() and monotonic() - self.last > STILL_SECONDS

    async def ended(self) -> None:
        """Wait until what it does is done."""
        async with self._busy:
            return


async def run(home: Home, stop: asyncio.Event) -> None:
    """Beat until `stop` is set; then let what is in work end."""
    async with _jobs(home) as jobs:
        with _scheduled(jobs) as scheduler:
            while not stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), STILL_SECONDS)
                _go_on(scheduler, jobs)
            scheduler.pause()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*(job.ended() for job in jobs)), STOP_SECONDS)


@asynccontextmanager
async def _jobs(home: Home):
    prefect = PrefectServer(partial(server.address, home.settings.home))
    composer, deliverers = Composer(home), {each: Deliverer(home, each) for each in CHANNELS}
    try:
        yield [
            Beating("relay", partial(relay_events, home, prefect)),
            Beating("compose", composer.beat),
            *(Beating(f"deliver {name}", each.beat) for name, each in deliverers.items()),
        ]
    finally:
        for each in deliverers.values():
            await each.close()
        await prefect.close()


@contextmanager
def _scheduled(jobs: list[Beating]) -> Iterator[AsyncIOScheduler]:
    # A beat that comes while the last one is at work is left out; that is no news.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = AsyncIOScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for job in jobs:
        scheduler.add_job(job.beat, "interval", seconds=BEAT_SECONDS, id=job.name)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


def _go_on(scheduler: AsyncIOScheduler, jobs: list[Beating]) -> None:
    """Beat at once, where the next beat lies in a time to which the machine's clock was set back."""
    for job in jobs:
        if job.still():
            scheduler.reschedule_job(job.name, trigger="interval", seconds=BEAT_SECONDS)


def main() -> int:
    """Beat until SIGTERM."""
    return standing.main(run)


if __name__ == "__main__":
    sys.exit(main())

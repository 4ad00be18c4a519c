"""The pulse: `python -m flows.clock`, with KAMFLOW_HOME (default: the current folder).

Relay, compose and deliver, each at most once at a time, at most a second apart. The state of everything lies
in tables, so a beat that is missed, late or killed is made up for by the next.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from time import monotonic

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from flows import catch_up, heartbeat, leading, pools, purge, standing, watch, watchdog
from flows.catch_up import CatchUp
from flows.heartbeat import Heartbeat
from flows.leading import PROLONG_SECONDS, Leader
from flows.patience import Patience
from flows.pools import PoolPerJob
from flows.prefect_server import PrefectServer
from flows.pulse import Composer, Deliverer
from flows.purge import Purge
from flows.relay import Looks, relay_events
from flows.runtime import Home
from flows.watch import Watch
from flows.watchdog import Watchdog
from kamflow.store.clock_jobs import FAILS, Beat

BEAT_SECONDS = 0.5
LONGEST_PAUSE = 60.0  # seconds after a job that failed again and again
STILL_SECONDS = 5.0  # without a beat: somebody has set the machine's clock back
HANGS_SECONDS = 1800.0  # at work without an end, and not known to be long
STOP_SECONDS = 30.0  # what is in work may end
GIVE_BACK_SECONDS = 3.0  # the lease, or it ends by itself
CHANNELS = ("email", "slack")

log = structlog.get_logger()


def _always() -> bool:
    return True


class Beating:
    """One job of the clock: a failure is logged and followed by a pause that grows; then it goes on."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Awaitable[object]],
        seconds: float = BEAT_SECONDS,
        may: Callable[[], bool] = _always,
        longest: float = LONGEST_PAUSE,
        hangs: float = HANGS_SECONDS,
    ) -> None:
        self.name = name
        self._longest = longest
        self._hangs = hangs
        self.seconds = seconds
        self._work = work
        self._may = may
        self._failed = 0
        self._cause: str | None = None
        self._not_before = 0.0
        self._busy = asyncio.Lock()
        self.last = monotonic()
        self._done: float | None = None
        self._begun: float | None = None

    async def beat(self) -> None:
        async with self._busy:
            self.last = monotonic()
            if self.last < self._not_before or not self._may():
                return
            self._begun = self.last
            try:
                with pools.of(self.name):
                    await self._work()
                self._failed, self._cause, self._done = 0, None, monotonic()
            except Exception as error:
                self._failed += 1
                self._cause = type(error).__name__
                pause = min(2.0 ** (self._failed - 1), self._longest)
                self._not_before = monotonic() + pause
                log.exception("clock.failed", job=self.name, again_in=pause, exc_info=error)
            finally:
                self._begun = None

    def stands(self, now: datetime) -> Beat:
        """How it stands, for the others to see."""
        done = None if self._done is None else now - timedelta(seconds=monotonic() - self._done)
        if self._begun is not None and monotonic() - self._begun > self._hangs:
            return Beat(self.name, done, max(self._failed, FAILS), "hangs")
        return Beat(self.name, done, self._failed, self._cause)

    def still(self) -> bool:
        """Tell whether it has not been called for long, though it does nothing."""
        return not self._busy.locked() and monotonic() - self.last > max(STILL_SECONDS, 2 * self.seconds)

    async def ended(self) -> None:
        """Wait until what it does is done."""
        async with self._busy:
            return


async def run(
    home: Home, stop: asyncio.Event, holder: str | None = None, within: float = STOP_SECONDS
) -> None:
    """Beat until `stop` is set, while this process leads; then let what is in work end `within` seconds."""
    asyncio.get_running_loop().set_default_executor(PoolPerJob())
    leader = Leader(home, holder or leading.name(home.now()))
    lease = Beating("lease", leader.beat, PROLONG_SECONDS, longest=PROLONG_SECONDS)
    async with _jobs(home, leader, stop) as jobs:
        leader.beats = lambda: [job.stands(home.now()) for job in jobs]
        await lease.beat()
        with _scheduled([lease, *jobs]) as scheduler:
            while not stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), STILL_SECONDS)
                _go_on(scheduler, [lease, *jobs])
            scheduler.pause()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.gather(*(job.ended() for job in (lease, *jobs))), within)
            with suppress(TimeoutError):
                await asyncio.wait_for(leader.give_back(), GIVE_BACK_SECONDS)


@asynccontextmanager
async def _jobs(home: Home, leader: Leader, stop: asyncio.Event):
    prefect, patience = PrefectServer.of(home.settings), Patience()
    composer, deliverers = Composer(home), {each: Deliverer(home, each, stop.is_set) for each in CHANNELS}
    calling = Heartbeat(home, prefect)
    try:
        yield [
            Beating("relay", partial(relay_events, home, prefect, Looks(), patience), may=leader.leads),
            Beating("catch-up", CatchUp(home, prefect, patience).beat, catch_up.PACE, may=leader.leads),
            Beating("watchdog", Watchdog(home, prefect).beat, watchdog.PACE, may=leader.leads),
            Beating("compose", composer.beat, may=leader.leads),
            Beating("purge", Purge(home).beat, purge.PACE, may=leader.leads),
            # A channel takes as long as it takes: whether anything goes out the watch sees at the messages.
            *(
                Beating(f"deliver {name}", each.beat, may=leader.leads, hangs=inf)
                for name, each in deliverers.items()
            ),
            Beating("watch", Watch(home, prefect).beat, watch.PACE, may=leader.leads),
            Beating("heartbeat", calling.beat, heartbeat.PACE, may=leader.leads),
        ]
    finally:
        await calling.close()
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
        scheduler.add_job(job.beat, "interval", seconds=job.seconds, id=job.name)
    scheduler.start()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=False)


def _go_on(scheduler: AsyncIOScheduler, jobs: list[Beating]) -> None:
    """Beat at once, where the next beat lies in a time to which the machine's clock was set back."""
    for job in jobs:
        if job.still():
            scheduler.reschedule_job(job.name, trigger="interval", seconds=job.seconds)


def main() -> int:
    """Beat until SIGTERM."""
    return standing.main(run)


if __name__ == "__main__":
    sys.exit(main())

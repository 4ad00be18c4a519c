"""The runner: starts scheduled runs, each in a process of its own, and stops without leaving one behind."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

import anyio
from prefect.runner import Runner

from flows.deploy import deployments

POLL_SECONDS = 5.0  # how long a run from the page or from an event waits at most
LOOK_SECONDS = 0.2


class DrainingRunner(Runner):
    """Prefect's runner, but on SIGTERM it takes no more runs, lets those in work finish, then cancels.

    Prefect's own handler leaves a run that is about to start *Running* for ever.
    """

    drain_seconds: float = 15.0
    _draining: asyncio.Task[None] | None = None

    def handle_sigterm(self, *args: Any, **kwargs: Any) -> None:
        """Called by the signal; the work is done on the loop, where the runs are known."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin, self.drain())

    def _begin(self, draining: Coroutine[Any, Any, None]) -> None:
        if self._draining is None:
            self._draining = asyncio.ensure_future(draining)
        else:
            draining.close()

    async def drain(self) -> None:
        """Finish or cancel every run, then stop. A cancelled run ends at its next batch."""
        self._scheduled_run_poller.stopping = True
        until = anyio.current_time() + self.drain_seconds
        while self._in_work():
            if anyio.current_time() > until:
                # Again and again: a run that was about to start has no process yet to be cancelled.
                await self.cancel_all()
            await anyio.sleep(LOOK_SECONDS)
        await self.astop()

    def _in_work(self) -> int:
        return self._limiter.borrowed_tokens if self._limiter is not None else 0


async def serve(zone: str, limit: int, drain_seconds: float) -> None:
    """Register all flows, then run what is due, at most `limit` at once, until SIGTERM or Ctrl-C."""
    runner = DrainingRunner("kamflow", query_seconds=POLL_SECONDS, limit=limit, pause_on_shutdown=False)
    runner.drain_seconds = drain_seconds
    for deployment in await deployments(zone):
        await runner.aadd_deployment(deployment)
    signal.signal(signal.SIGINT, runner.handle_sigterm)
    await runner.start()

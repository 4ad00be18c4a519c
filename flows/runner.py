"""The runner: starts scheduled runs, each in a process of its own, and stops without leaving one behind."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any, Self

import anyio
import httpx
import structlog
from prefect.client.schemas.objects import FlowRun
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.runner._flow_run_executor import ProcessStarter
from prefect.settings import PREFECT_HOME

from flows import warm
from flows.deploy import deployments
from flows.taking import Taking

# How long a run from the page or from an event waits; Prefect makes it up to a third longer by chance.
POLL_SECONDS = 0.75
LOOK_SECONDS = 0.2
LONGEST_AWAY = 10.0  # seconds between two looks for a server that is away

log = structlog.get_logger()


class DrainingRunner(Runner):
    """Prefect's runner, but on SIGTERM it takes no more runs, lets those in work finish, then cancels.

    Prefect's own handler leaves a run that is about to start *Running* for ever.
    """

    drain_seconds: float = 15.0
    ours: Sequence[RunnerDeployment] = ()
    _draining: asyncio.Task[None] | None = None
    _away: int = 0  # looks in a row that found no server

    async def __aenter__(self) -> Self:
        """Look for runs in our way, and start them from a process that has everything loaded."""
        # Prefect's own place is one for all users of a machine, who cannot write into each other's.
        self._tmp_dir = PREFECT_HOME.value() / "runner" / self._tmp_dir.name
        await super().__aenter__()
        poller: Any = self._scheduled_run_poller
        poller._get_and_submit_flow_runs = partial(self._look, poller._get_and_submit_flow_runs)
        poller._state_proposer = Taking(client=self._client)
        if warm.possible():
            poller._resolve_starter = self._starter
        observer: Any = self._cancelling_observer
        look = observer._check_for_cancelled_flow_runs
        observer._check_for_cancelled_flow_runs = partial(self._look_for_cancelled, look)
        log.info("runner.ready", deployments=len(self.ours))
        return self

    async def register(self) -> None:
        """Make our flows known to the server; again changes nothing."""
        for deployment in self.ours:
            await self.aadd_deployment(deployment)

    async def _look(self, look: Callable[[], Awaitable[None]]) -> None:
        """Look for due runs. Prefect's own way ends the runner when the server is away for three looks."""
        try:
            if self._away:
                # It may have come back without its database.
                await self.register()
                log.info("runner.server_back")
            await look()
            self._away = 0
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            if isinstance(error, httpx.HTTPStatusError) and not error.response.is_server_error:
                raise
            self._away += 1
            if self._away == 1:
                log.warning("runner.server_away", cause=type(error).__name__)
            await anyio.sleep(min(2.0 ** (self._away - 1), LONGEST_AWAY))

    async def _look_for_cancelled(self, look: Callable[[], Awaitable[None]]) -> None:
        """Look whether somebody cancelled a run. Prefect does so once its events are cut off; it would end
        with the third look in vain, and no run could be cancelled until the runner starts anew."""
        if not self._in_work():
            return
        try:
            await look()
        except (httpx.TransportError, httpx.HTTPStatusError) as error:
            log.info("runner.cancelled_unknown", cause=type(error).__name__)

    def _starter(self, flow_run: FlowRun) -> ProcessStarter:
        deployment = flow_run.deployment_id
        name = self._deployment_registry.get_deployment_name(deployment) if deployment else None
        return warm.WarmStarter(name, self._tmp_dir, self._control_channel)

    def handle_sigterm(self, *args: Any, **kwargs: Any) -> None:
        """Called by the signal; the work is done on the loop, where the runs are known."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin, self.drain())

    def listen_to_signals(self) -> None:
        """From now on: a signal may come before Prefect knows its loop."""
        self._loop = asyncio.get_running_loop()

    def _begin(self, draining: Coroutine[Any, Any, None]) -> None:
        if self._draining is None:
            self._draining = asyncio.ensure_future(draining)
        else:
            draining.close()

    async def drain(self) -> None:
        """Finish or cancel every run, then stop. A cancelled run ends at its next batch."""
        while not self.started:  # noqa: ASYNC110 - a plain flag of Prefect's
            await anyio.sleep(LOOK_SECONDS)  # Prefect stops none that is about to start
        self._scheduled_run_poller.stopping = True
        log.info("runner.stopping", in_work=self._in_work(), seconds=self.drain_seconds)
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
    runner.ours = await deployments(zone)
    await runner.register()
    signal.signal(signal.SIGINT, runner.handle_sigterm)
    runner.listen_to_signals()
    await runner.start()

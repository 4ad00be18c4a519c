"""After the play: the links in mails, the survey and Slack's buttons work, and what they set in motion
happens at once.

The doors, the relay, compose and deliver are the real ones. Only Prefect is left out: a flow that an event
asks for runs in this process.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

import structlog

from flows import clock, doors, local, relay
from flows.pulse import Composer, Deliverer
from flows.runtime import Home, Visit
from kamflow.demo.own_thread import in_own_thread
from kamflow.demo.stage import Stage
from kamflow.settings import Web
from kamflow.store.relay_batches import Ask, Seen

LOOPBACK = "127.0.0.1"
PUBLIC, INTERNAL = 8410, 8411  # the usual ports, where they are free
BEAT = clock.BEAT_SECONDS

log = structlog.get_logger()


def addresses() -> Web:
    """Where the pages will be: the links in the mails of the play lead there."""
    public, internal = (f"{LOOPBACK}:{_free(port)}" for port in (PUBLIC, INTERNAL))
    return Web(
        public_url=f"http://{public}",
        internal_url=f"http://{internal}",
        public_listen=public,
        internal_listen=internal,
    )


@contextmanager
def live(stage: Stage) -> Iterator[None]:
    """Let people act on the stage until the block is left."""
    with in_own_thread(_Live(stage)):
        yield


class Here:
    """In Prefect's place: runs a flow as soon as it is asked for."""

    def __init__(self, home: Home) -> None:
        self._home = home

    async def ask(self, ask: Ask) -> str:
        """Run the flow of a batch; what fails is asked for again, as Prefect's runs are."""
        await asyncio.to_thread(self._run, ask)
        return ask.key

    async def seen(self, run: str) -> Seen:
        return Seen.ENDED

    def _run(self, ask: Ask) -> None:
        try:
            accounts = None if ask.accounts is None else list(ask.accounts)
            local.run_here(self._home, ask.flow, ask.as_of, accounts, Visit(ask.key, ask.trace))
        except Exception:
            log.exception("demo.failed", flow=ask.flow)


class _Live:
    """What beats and stands open while the demo's page is looked at."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stop = asyncio.Event()
        self._open: asyncio.Task[None] | None = None

    async def start(self, host: str = LOOPBACK, port: int = 0) -> None:
        self._open = asyncio.create_task(self._together())

    async def stop(self) -> None:
        self._stop.set()
        if self._open is not None:
            await self._open

    async def _together(self) -> None:
        await asyncio.gather(doors.run(self._stage.home, self._stop), self._beat())

    async def _beat(self) -> None:
        stage, home = self._stage, self._stage.home
        began, from_then = stage.clock.at, monotonic()
        prefect, composer, deliverer = Here(home), Composer(home), Deliverer(home)
        while not self._stop.is_set():
            stage.clock.at = began + timedelta(seconds=monotonic() - from_then)
            try:
                await relay.relay_events(home, prefect)
                await composer.beat()
                await deliverer.beat()
            except Exception:
                log.exception("demo.failed")
            await asyncio.sleep(BEAT)
        await deliverer.close()


def _free(port: int) -> int:
    """The port where it is free, else any that is."""
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            tried.bind((LOOPBACK, 0))
        return tried.getsockname()[1]

"""The dead man's switch: KAMFLOW_HEARTBEAT_URL is called each minute, only while the whole chain works.

What kamflow cannot tell by itself (the machine is off, nobody beats the clock, no mail goes out) the service
behind that address tells when the calls stay away. Its address is a secret: it stands in no log and no error.
"""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Protocol

import httpx
import structlog
from sqlmodel import Session

from flows.runtime import Home
from kamflow import outward
from kamflow.store import channel_health, clock_jobs, incidents, told_operations
from kamflow.store import engine as db
from kamflow.store.clock_jobs import FAILS
from notifications import operations

PACE = 60.0  # seconds from beat to beat
TIMEOUT = 10.0
OWN = "clock:heartbeat"
# Kinds of incidents with which the chain from clock to reader is broken. Others are told, and that is enough.
CHAIN = ("prefect", "clock", "disk", "late", "missing")
WAYS_OUT = ("channel:email", "channel:slack")

log = structlog.get_logger()


class Prefect(Protocol):
    async def healthy(self) -> bool: ...


class NotCalled(Exception):
    """Nobody answered behind KAMFLOW_HEARTBEAT_URL; `args` say why in a word, never where."""


class Heartbeat:
    """A job of the clock."""

    def __init__(self, home: Home, prefect: Prefect) -> None:
        self._home = home
        self._prefect = prefect
        self._client: httpx.AsyncClient | None = None

    async def beat(self) -> bool:
        """Call, if all is well; tell whether it did.

        Raises:
            NotCalled: it did not arrive.
        """
        secret = self._home.settings.heartbeat_url
        if secret is None:
            return False
        broken = await self._broken()
        if broken:
            log.warning("heartbeat.withheld", why=broken)
            return False
        await self._call(secret.get_secret_value())
        return True

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _broken(self) -> list[str]:
        found = await asyncio.to_thread(self._found)
        return found if await self._prefect.healthy() else ["prefect", *found]

    def _found(self) -> list[str]:
        # A writing transaction: a database that can only be read breaks the chain.
        with db.write(self._home.engine) as session:
            return [
                *self._open(session),
                *self._stuck(session),
                *self._still(session),
                *self._unheard(session),
            ]

    def _open(self, session: Session) -> Iterator[str]:
        for each in incidents.open_now(session):
            if each.key != OWN and (each.kind in CHAIN or each.key in WAYS_OUT):
                yield each.key

    def _stuck(self, session: Session) -> Iterator[str]:
        """The ways out whose last delivery failed."""
        late = timedelta(minutes=self._home.settings.operations.channel_minutes)
        for way in ("email", *(["slack"] if self._home.settings.slack.token else [])):
            if self._home.settings.delivery.mode == "live" and channel_health.down(
                session, way, self._home.now(), late
            ):
                yield way

    def _still(self, session: Session) -> Iterator[str]:
        """The jobs of the clock that fail, also the one that would have noted it."""
        for each in clock_jobs.all_of_them(session):
            if each.failed >= FAILS and f"clock:{each.job}" != OWN:
                yield f"clock:{each.job}"

    def _unheard(self, session: Session) -> Iterator[str]:
        """Nobody can be told of anything: each way to operations was refused last."""
        ways = operations.ways(self._home.settings)
        if ways and all(told_operations.refused(session, way) for way in ways):
            yield "operations"

    async def _call(self, url: str) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it logs the address
        try:
            if self._client is None:
                way = outward.way(self._home.settings)
                self._client = httpx.AsyncClient(timeout=TIMEOUT, **way.for_httpx(url))
            answer = await self._client.get(url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotCalled(type(error).__name__) from None
        if not answer.is_success:  # nor is a redirect followed: it would hand the secret on
            raise NotCalled(f"http-{answer.status_code}")

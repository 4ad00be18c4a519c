"""The lease of a batch, prolonged for as long as its messages are being sent.

A slow mail server may need longer for one mail than a lease lasts. Without this another dispatcher
would take the mail meanwhile and send it again; after a crash nobody prolongs, and the lease ends.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kamflow.store.engine import write
from notifications import outbox
from notifications.outbox import Claimed

# Two may fail, because the database is busy, before the lease ends.
TIMES_A_LEASE = 3

log = structlog.get_logger()


class Lease:
    """What a dispatcher holds, and until when."""

    def __init__(
        self,
        engine: Engine,
        worker: str,
        now: Callable[[], datetime],
        length: timedelta,
        wait: Callable[[float], Awaitable[object]],
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._now = now
        self._length = length
        self._wait = wait
        self._until: dict[int, datetime] = {}

    @asynccontextmanager
    async def kept(self, batch: Iterable[Claimed]) -> AsyncIterator[None]:
        """Prolong what is not written down yet, until the end of the block."""
        self._until = {each.id: each.until for each in batch}
        beat = asyncio.create_task(self._prolong())
        try:
            yield
        finally:
            beat.cancel()
            await asyncio.wait([beat])

    def ended(self, message: Claimed) -> bool:
        """Tell whether it may be another dispatcher's by now."""
        return self._now() >= self._until.get(message.id, message.until)

    async def _prolong(self) -> None:
        while True:
            await self._wait(self._length.total_seconds() / TIMES_A_LEASE)
            try:
                self._until |= await asyncio.to_thread(self._write)
            except SQLAlchemyError:
                log.exception("lease.not_prolonged")

    def _write(self) -> dict[int, datetime]:
        until = self._now() + self._length
        with write(self._engine) as session:
            return dict.fromkeys(outbox.prolong(session, self._worker, self._until, until), until)

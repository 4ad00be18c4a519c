"""The lease of what is in hand, prolonged for as long as it is being sent.

A slow mail server may need longer for one mail than a lease lasts. Without this another dispatcher
would take the mail meanwhile and send it again; after a crash nobody prolongs, and the lease ends.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from notifications import outbox
from notifications.outbox import Claimed
from notifications.recorder import Desk, words

# Two may fail, because the database is busy, before the lease ends.
TIMES_A_LEASE = 3

log = structlog.get_logger()


class Lease:
    """What a dispatcher holds, and until when."""

    def __init__(
        self,
        desk: Desk,
        worker: str,
        now: Callable[[], datetime],
        length: timedelta,
        wait: Callable[[float], Awaitable[object]],
    ) -> None:
        self._desk = desk
        self._worker = worker
        self._now = now
        self._length = length
        self._wait = wait
        self._until: dict[int, datetime] = {}

    @property
    def held(self) -> frozenset[int]:
        return frozenset(self._until)

    def __len__(self) -> int:
        return len(self._until)

    def take(self, batch: Iterable[Claimed]) -> None:
        """Prolong these from now on."""
        self._until |= {each.id: each.until for each in batch}

    def drop(self, *messages: int) -> None:
        """These are written down: nothing is to be prolonged."""
        for number in messages:
            self._until.pop(number, None)

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Prolong what is held, until the end of the block."""
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beat.cancel()
            await asyncio.wait([beat])

    async def holds(self, message: int) -> bool:
        """Tell whether it is still ours; by the clock, and where that says no, by the database.

        Somebody may have set the clock, or the machine slept.
        """
        if not self._lasts(message) and message in self._until:
            await self._prolong()
        return self._lasts(message)

    def _lasts(self, message: int) -> bool:
        until = self._until.get(message)
        return until is not None and self._now() < until

    async def _beat(self) -> None:
        pause = seconds = self._length.total_seconds() / TIMES_A_LEASE
        while True:
            await self._wait(pause)
            # Once the database is back this comes before the notice is over that others give by then.
            pause = seconds if await self._prolong() else seconds / TIMES_A_LEASE

    async def _prolong(self) -> bool:
        """Tell whether the database took it."""
        asked, until = self.held, self._now() + self._length
        if not asked:
            return True
        try:
            ours = await self._desk.write(lambda session: outbox.prolong(session, self._worker, asked, until))
        except Exception as error:  # noqa: BLE001 - no memory, no thread: the next beat may have it
            log.warning("lease.not_prolonged", messages=len(asked), says=words(error))
            return False
        self._until |= {number: until for number in ours if number in self._until}
        self.drop(*asked.difference(ours))
        return True

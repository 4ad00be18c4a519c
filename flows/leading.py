"""Who beats the clock: of several supervisors on one database one, by a lease that it prolongs.

It says in the same breath that it is alive and how the jobs stand. A leader that cannot prolong its lease
stops before anybody else can have it. Who waits goes by its stopwatch: the clocks of two machines may differ.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import structlog

from flows.runtime import Home
from kamflow.models.watch import Lease
from kamflow.store import clock_jobs, leases, supervisors
from kamflow.store import engine as db
from kamflow.store.clock_jobs import Beat

LEASE = "clock"
LEASE_SECONDS = 12.0
PROLONG_SECONDS = 3.0
# Counted from before it last asked: so long before the lease ends it lets go by itself.
LETS_GO_SECONDS = 8.0
# So long must another's lease stand unprolonged before the eyes of who waits: then its holder has let go.
GONE_SECONDS = 10.0

log = structlog.get_logger()


def name(now: datetime) -> str:
    """This process, as no other is called."""
    return f"{socket.gethostname()}:{os.getpid()}:{now.isoformat(timespec='seconds')}"


@dataclass
class Leader:
    """The wish to lead, and whether it is granted at the moment."""

    home: Home
    holder: str
    beats: Callable[[], Iterable[Beat]] = tuple
    _sure_until: float = field(default=0.0)
    _led: bool = False
    _others: tuple[str, datetime] | None = None  # the other's lease as it was last seen, and since when
    _others_since: float = 0.0

    def leads(self) -> bool:
        """Whether this process may beat now."""
        return monotonic() < self._sure_until

    async def beat(self) -> None:
        """Take or prolong the lease, and write down how things stand."""
        begun = monotonic()
        taken = await asyncio.to_thread(self._beat)
        self._sure_until = begun + LETS_GO_SECONDS if taken else 0.0
        if taken != self._led:
            self._led = taken
            log.info("clock.leads" if taken else "clock.stands_by", holder=self.holder)

    def _beat(self) -> bool:
        now = self.home.now()
        with db.write(self.home.engine) as session:
            taken = leases.taken(
                session, LEASE, self.holder, now, LEASE_SECONDS, lambda other: self._ended(other, now)
            )
            supervisors.seen(session, self.holder, now)
            if taken:
                clock_jobs.write(session, self.holder, self.beats(), now)
        return taken

    def _ended(self, other: Lease, now: datetime) -> bool:
        """Whether the other's lease is over."""
        first, seen = self._others is None, (other.holder, other.until)
        if seen != self._others:
            self._others, self._others_since = seen, monotonic()
        # At the start nobody need watch one who is long gone.
        if leases.given_back(other) or (first and other.until <= now):
            return True
        return monotonic() - self._others_since >= GONE_SECONDS

    async def give_back(self) -> None:
        """Let another lead at once; what this process did is done."""
        self._sure_until = 0.0
        await asyncio.to_thread(self._give_back)

    def _give_back(self) -> None:
        with db.write(self.home.engine) as session:
            leases.give_back(session, LEASE, self.holder, self.home.now())

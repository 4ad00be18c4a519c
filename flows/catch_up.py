"""Which flows owe a day? Each is asked for one run with today's date, never for one per missed day.

After a stop of a week, a night without a runner, a run that failed: the rules are told what day it is and
bring everything up to date, and the ledger then says that the older days are covered.
"""

import asyncio
from datetime import date
from time import monotonic
from typing import Protocol

import structlog

from flows import server
from flows.patience import Patience
from flows.prefect_server import FLOWS, Start, Started, Unanswered
from flows.runtime import Home
from kamflow.store import engine as db
from kamflow.store import owed

PACE = 20.0  # seconds from beat to beat: a few short reads
# Seconds until a flow is asked for again that was asked for and still owes its day.
AGAIN = (60.0, 300.0, 900.0, 3600.0)
MOST = 10  # runs of a flow asked for in a day: what fails so often needs a person
FIRST = "intake"  # the rules want to see what it brings
FIRST_SECONDS = 600.0  # then they go ahead without it

log = structlog.get_logger()


class Prefect(Protocol):
    async def start(self, start: Start) -> Started: ...


class CatchUp:
    """A job of the clock. What it asked for is known by its key: another supervisor asks for the same run."""

    def __init__(self, home: Home, prefect: Prefect, patience: Patience | None = None) -> None:
        self._home = home
        self._prefect = prefect
        self._patience = patience or Patience()
        self._asked: dict[str, tuple[date, int, float]] = {}  # flow -> day, how often, when last

    async def beat(self) -> list[str]:
        """Ask for every flow that owes a day, and is not at work; those that were asked for."""
        flows = await asyncio.to_thread(self._owing)
        if FIRST in flows and self._awaited():
            flows = [FIRST]
        return [flow for flow in flows if await self._ask(flow)]

    def _owing(self) -> list[str]:
        now, zone = self._home.now(), self._home.settings.company.zone
        with db.read(self._home.engine) as session:
            return [
                flow
                for flow in FLOWS
                if owed.owed(session, flow, now, zone) and not owed.at_work(session, flow)
            ]

    def _awaited(self) -> bool:
        day, _, at = self._asked.get(FIRST, (self._home.today(), 0, monotonic()))
        return day == self._home.today() and monotonic() - at < FIRST_SECONDS

    async def _ask(self, flow: str) -> bool:
        today = self._home.today()
        day, times, at = self._asked.get(flow, (today, 0, 0.0))
        if day != today:
            times = 0
        if times and monotonic() - at < AGAIN[min(times, len(AGAIN)) - 1]:
            return False
        try:
            number = await self._started(flow, today, times)
        except Unanswered as error:
            self._patience.unanswered("catch_up.unanswered", error.cause, flow=flow)
            return False
        self._patience.answered()
        self._asked[flow] = today, number, monotonic()
        return number > times

    async def _started(self, flow: str, today: date, times: int) -> int:
        """Ask for a run that has not ended yet; the number of those asked for today."""
        for number in range(max(times - 1, 0), MOST):
            # A key that Prefect knows starts nothing: what was asked for last may still be waiting.
            key = f"catch-up:{flow}:{today}" + (f":{number + 1}" if number else "")
            name = f"{server.CATCH_UP}{flow.replace('_', '-')} {today}"
            started = await self._prefect.start(Start(flow, today, key, name))
            if not started.ended:
                log.info("catch_up.asked", flow=flow, run=started.run, day=today.isoformat())
                return number + 1
        return MOST

"""What no hook could report: runs whose process is gone, in our ledger and in Prefect.

A process that was killed together with its runner leaves both saying "running" for ever, and Prefect starts
no other run of the flow. The kernel, or the silence of a worker elsewhere, says that it is dead. A run that
never came as far as our ledger ends with the runner that took it, or after a few minutes.
"""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Protocol

import structlog

from flows import alive
from flows.prefect_server import AtWork, Unanswered
from flows.runtime import Home
from kamflow.models.run import FlowRun, RunState
from kamflow.store import engine as db
from kamflow.store import run_rows

PACE = 15.0  # seconds from beat to beat
TWICE = 10.0  # seconds for which a row must be seen dead: what ended just now may still be written
# Seconds for which a worker elsewhere says nothing while we watch: its clock may be behind ours by minutes.
UNHEARD = 2.5 * alive.SECONDS
# Seconds without a row in our ledger. The row is the first thing a run writes, but a database may be locked.
UNSEEN = 240.0
# Seconds for which Prefect may not yet know of an end that our ledger knows.
UNTOLD = 60.0
ENDS = {
    RunState.FINISHED: (
        "COMPLETED",
        "Finished, as kamflow's ledger says; its process ended before it could.",
    ),
    RunState.FAILED: ("FAILED", "Failed, as kamflow's ledger says; its process ended before it could."),
}
DEAD = (
    "CRASHED",
    "The process of this run is gone: it was killed, or its machine went down. Nothing is half done, each"
    " batch is one transaction. kamflow asks for what is missing by itself; nothing is to be done.",
)

log = structlog.get_logger()


class Prefect(Protocol):
    async def at_work(self) -> list[AtWork]: ...

    async def taken_by(self, run: str) -> str | None: ...

    async def end(self, run: str, state: str, why: str) -> None: ...


class Watchdog:
    """A job of the clock; it remembers since when each run has looked dead, by no clock but a stopwatch."""

    def __init__(self, home: Home, prefect: Prefect) -> None:
        self._home = home
        self._prefect = prefect
        self._since: dict[str, float] = {}

    async def beat(self) -> int:
        """Close the rows of dead processes, then tell Prefect what it cannot know; how many were ended."""
        found = await asyncio.to_thread(self._rows)
        try:
            found += await self._runs()
        except Unanswered as error:
            log.debug("watchdog.unanswered", cause=error.cause)  # the watch tells it, and that it is over
        return found

    def _rows(self) -> int:
        now = self._home.now()
        with db.read(self._home.engine) as session:
            rows = [row for row in run_rows.running(session) if row.worker]
            gone = [row for row in rows if alive.dead(row.worker or "", row.seen_at, now)]
            session.expunge_all()
        return sum(self._closed(row) for row in gone)

    def _closed(self, row: FlowRun) -> bool:
        number, patience = row.id or 0, TWICE if alive.here(row.worker or "") else UNHEARD
        if not self._for(f"row-{number}-{row.seen_at}", patience):
            return False
        with db.write(self._home.engine) as session:
            closed = run_rows.close_dead(session, number, self._home.now())
        if closed:
            log.warning("watchdog.killed", run=number, flow=row.flow)
        return closed

    async def _runs(self) -> int:
        at_work = await self._prefect.at_work()
        rows = await asyncio.to_thread(self._known, at_work)
        ended = 0
        for each in at_work:
            row = rows.get(each.run)
            if row is None or row.state == RunState.CRASHED:  # it may be of an earlier attempt
                verdict = await self._unknown(each, UNSEEN if row is None else UNTOLD)
            else:
                verdict = self._known_end(each, row)
            if verdict is not None:
                await self._prefect.end(each.run, *verdict)
                log.warning("watchdog.ended", prefect_run=each.run, state=verdict[0])
                ended += 1
        self._forget(at_work)
        return ended

    async def _unknown(self, each: AtWork, patience: float) -> tuple[str, str] | None:
        """The last state of a run of which our ledger knows no attempt at work; None: it may be about to."""
        runner = await self._prefect.taken_by(each.run)
        if runner and alive.dead(runner, None, self._home.now()):
            return DEAD if self._for(f"{each.run}-left", TWICE) else None  # a run ends with its runner
        return DEAD if self._for(f"{each.run}-{each.state}", patience) else None

    def _known_end(self, each: AtWork, row: FlowRun) -> tuple[str, str] | None:
        """The last state of a run that Prefect believes to be at work; None: it is, or may be."""
        if row.state == RunState.RUNNING:
            return None
        # The process that did it may still be telling Prefect.
        return ENDS[RunState(row.state)] if self._for(f"{each.run}-over", UNTOLD) else None

    def _for(self, what: str, seconds: float) -> bool:
        """Tell whether it has been so for that long."""
        now = monotonic()
        return now - self._since.setdefault(what, now) >= seconds

    def _known(self, at_work: list[AtWork]) -> Mapping[str, FlowRun]:
        with db.read(self._home.engine) as session:
            found = run_rows.of_prefect(session, [each.run for each in at_work])
            session.expunge_all()
            return found

    def _forget(self, at_work: list[AtWork]) -> None:
        runs = {each.run for each in at_work}
        self._since = {
            what: since
            for what, since in self._since.items()
            if what.startswith("row-") or what.rpartition("-")[0] in runs
        }

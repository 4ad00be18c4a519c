"""At the end of `kamflow up`, once the runner is gone: what Prefect still believes to be at work.

A run that could be neither finished nor cancelled in time was killed. Nothing of it is half done, but nobody
else would tell Prefect.
"""

import asyncio

import structlog

from flows import alive
from flows.prefect_server import PrefectServer, Unanswered
from flows.runtime import Home
from flows.watchdog import DEAD, ENDS
from kamflow.models.run import FlowRun, RunState
from kamflow.store import engine as db
from kamflow.store import run_rows

log = structlog.get_logger()


async def end(home: Home) -> int:
    """End every run whose process is gone; how many there were. Those of a command that goes on are left."""
    prefect = PrefectServer.of(home.settings)
    try:
        runs = [each.run for each in await prefect.at_work()]
        rows = await asyncio.to_thread(_rows, home, runs) if runs else {}
        gone = [run for run in runs if run not in rows or _gone(rows[run])]
        for run in gone:
            state, why = ENDS.get(RunState(rows[run].state), DEAD) if run in rows else DEAD
            await prefect.end(run, state, why)
            log.warning("up.run_ended", prefect_run=run, state=state)
        # Last, since another process may hold the database: the watchdog of the next start does it else.
        if open_rows := [rows[run].id or 0 for run in gone if run in rows]:
            await asyncio.to_thread(_close, home, open_rows)
    except Unanswered as error:
        log.warning("up.runs_unknown", cause=error.cause)
        return 0
    finally:
        await prefect.close()
    return len(gone)


def _rows(home: Home, runs: list[str]) -> dict[str, FlowRun]:
    with db.read(home.engine) as session:
        rows = run_rows.of_prefect(session, runs)
        session.expunge_all()
        return rows


def _gone(row: FlowRun) -> bool:
    return not row.worker or alive.dead(row.worker, None, row.started_at)


def _close(home: Home, rows: list[int]) -> None:
    with db.write(home.engine) as session:
        for row in rows:
            run_rows.close_dead(session, row, home.now())

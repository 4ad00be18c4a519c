"""Events set flows in motion: gathered into batches, asked of Prefect until it answers, watched to the end.

Every step is a commit of its own and may be repeated: a process that is killed between two of them goes on
where it stood. Without Prefect events wait; the night decides about everything anyway.
"""

import asyncio
from functools import partial
from typing import Protocol

import structlog

from flows.prefect_server import Unanswered
from flows.runtime import Home
from kamflow.store import engine as db
from kamflow.store import relay, relay_batches
from kamflow.store.relay_batches import Ask, Going, Seen

log = structlog.get_logger()


class Prefect(Protocol):
    async def ask(self, ask: Ask) -> str: ...

    async def seen(self, run: str) -> Seen: ...


async def relay_events(home: Home, prefect: Prefect) -> int:
    """Bring every event one step on; how many were gathered. Costs two short looks where nothing is new."""
    gathered = await asyncio.to_thread(relay.gather, home.engine, home.now(), home.today())
    if await asyncio.to_thread(_unfinished, home):
        await asyncio.gather(*(_watch(home, prefect, each) for each in await asyncio.to_thread(_going, home)))
        await asyncio.gather(*(_start(home, prefect, each) for each in await asyncio.to_thread(_due, home)))
    return gathered


async def _watch(home: Home, prefect: Prefect, going: Going) -> None:
    seen = await prefect.seen(going.prefect_id)
    if await asyncio.to_thread(_settled, home, going.batch, seen) == "waiting":
        log.warning("relay.again", batch=going.batch, run=going.prefect_id)


async def _start(home: Home, prefect: Prefect, batch: int) -> None:
    ask = await asyncio.to_thread(_asking, home, batch)
    if ask is None:
        return
    try:
        run = await prefect.ask(ask)
    except Unanswered as error:
        log.warning("relay.unanswered", batch=batch, flow=ask.flow, cause=error.cause)
        note = partial(relay_batches.unanswered, batch=batch, cause=error.cause)
    else:
        log.info("relay.asked", batch=batch, flow=ask.flow, run=run)
        note = partial(relay_batches.asked, batch=batch, prefect_id=run)

    def write() -> None:
        with db.write(home.engine) as session:
            note(session, now=home.now())

    await asyncio.to_thread(write)


def _settled(home: Home, batch: int, seen: Seen) -> str:
    # A run may hold the database just now: whoever has nothing to write does not wait for it.
    with db.read(home.engine) as session:
        if relay_batches.verdict(session, batch, seen, home.now()) is None:
            return "asked"
    with db.write(home.engine) as session:
        return relay_batches.settle(session, batch, seen, home.now())


def _unfinished(home: Home) -> bool:
    with db.read(home.engine) as session:
        return relay_batches.unfinished(session)


def _going(home: Home) -> list[Going]:
    with db.read(home.engine) as session:
        return relay_batches.going(session)


def _due(home: Home) -> list[int]:
    with db.read(home.engine) as session:
        return relay_batches.due(session, home.now())


def _asking(home: Home, batch: int) -> Ask | None:
    with db.write(home.engine) as session:
        return relay_batches.asking(session, batch, home.today())

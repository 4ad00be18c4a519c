"""Events set flows in motion: gathered into batches, asked of Prefect until it answers, watched to the end.

Every step is a commit of its own and may be repeated: a process that is killed between two of them goes on
where it stood. Without Prefect events wait; the night decides about everything anyway.
"""

import asyncio
from functools import partial
from time import monotonic
from typing import Protocol

import structlog

from flows.patience import Patience
from flows.prefect_server import Unanswered
from flows.runtime import Home
from kamflow.store import engine as db
from kamflow.store import relay, relay_batches
from kamflow.store.relay_batches import Ask, Going, Seen

AGE, LONGEST = 20.0, 15.0  # a run of 20 s is asked about each second; seconds between two looks at most

log = structlog.get_logger()


class Prefect(Protocol):
    async def ask(self, ask: Ask) -> str: ...

    async def seen(self, run: str) -> Seen: ...


class Looks:
    """When Prefect is asked again about each run: twice a second at first, ever more seldom with its age."""

    def __init__(self) -> None:
        self._first: dict[int, float] = {}
        self._last: dict[int, float] = {}

    def due(self, going: list[Going]) -> list[Going]:
        """Those to ask about now; a run that our own ledger knows to be over always is."""
        now, known = monotonic(), {each.batch for each in going}
        self._first = {batch: at for batch, at in self._first.items() if batch in known}
        found = [each for each in going if each.over or self._came(each.batch, now)]
        self._last = {batch: at for batch, at in self._last.items() if batch in known}
        self._last |= {each.batch: now for each in found}
        return found

    def _came(self, batch: int, now: float) -> bool:
        pause = min((now - self._first.setdefault(batch, now)) / AGE, LONGEST)
        return now - self._last.get(batch, -LONGEST) >= pause


async def relay_events(
    home: Home, prefect: Prefect, looks: Looks | None = None, patience: Patience | None = None
) -> int:
    """Bring every event one step on; how many were gathered. Costs two short looks where nothing is new.

    With `looks` Prefect is asked about an old run only now and then.
    """
    gathered = await asyncio.to_thread(relay.gather, home.engine, home.now(), home.today())
    if await asyncio.to_thread(_unfinished, home):
        going = await asyncio.to_thread(_going, home)
        watched = looks.due(going) if looks else going
        await asyncio.gather(*(_watch(home, prefect, each) for each in watched))
        due, patience = await asyncio.to_thread(_due, home), patience or Patience()
        await asyncio.gather(*(_start(home, prefect, each, patience) for each in due))
    return gathered


async def _watch(home: Home, prefect: Prefect, going: Going) -> None:
    seen = await prefect.seen(going.prefect_id)
    if await asyncio.to_thread(_settled, home, going, seen) == "waiting":
        log.warning("relay.again", batch=going.batch, run=going.prefect_id)


async def _start(home: Home, prefect: Prefect, batch: int, patience: Patience) -> None:
    ask = await asyncio.to_thread(_asking, home, batch)
    if ask is None:
        return
    try:
        run = await prefect.ask(ask)
    except Unanswered as error:
        patience.unanswered("relay.unanswered", error.cause, batch=batch, flow=ask.flow, trace=ask.trace)
        note = partial(relay_batches.unanswered, batch=batch, cause=error.cause, key=ask.key)
    else:
        patience.answered()
        log.info("relay.asked", batch=batch, flow=ask.flow, prefect_run=run, trace=ask.trace)
        note = partial(relay_batches.asked, batch=batch, prefect_id=run, key=ask.key)

    def write() -> None:
        with db.write(home.engine) as session:
            note(session, now=home.now())

    await asyncio.to_thread(write)


def _settled(home: Home, going: Going, seen: Seen) -> str:
    # A run may hold the database just now: whoever has nothing to write does not wait for it.
    with db.read(home.engine) as session:
        if relay_batches.verdict(session, going.batch, seen, home.now(), going.prefect_id) is None:
            return "asked"
    with db.write(home.engine) as session:
        return relay_batches.settle(session, going.batch, seen, home.now(), going.prefect_id)


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

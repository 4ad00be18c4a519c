"""What goes wrong becomes an incident, and operations are told: a job of the clock, in the leader only.

Nothing is opened while kamflow is just starting. The machine's clock decides little here: how long something
has been seen is measured by what time has passed.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from time import monotonic
from typing import Protocol

import structlog
from sqlmodel import Session

from flows import looks
from flows.looks import Trouble
from flows.runtime import Home
from kamflow.store import engine as db
from kamflow.store import incidents
from kamflow.store.incidents import Known
from notifications import operations

PACE = 15.0  # seconds from beat to beat
STARTING = 45.0  # seconds in which nothing is opened
GAP = 120.0  # without a beat: another led meanwhile, or the machine slept; all is seen anew
SELDOM = 60.0  # seconds between two looks at what changes slowly
TOUCHED = 60.0  # seconds after which an open incident is marked as seen
PREFECT_WAIT = 60.0
KINDS = ("run:", "long:", "due:", "events:", "prefect:", "data:", "disk:", "database:", "backup:", "clock:")
OWN = {"channel:email", "channel:slack", "channel:posts", *operations.REFUSED.values()}

log = structlog.get_logger()


class Prefect(Protocol):
    async def healthy(self) -> bool: ...


class Watch:
    """A job of the clock; what it remembers is only for how long it has seen what."""

    def __init__(self, home: Home, prefect: Prefect, ticks: Callable[[], float] = monotonic) -> None:
        self._home = home
        self._prefect = prefect
        self._ticks = ticks
        self._begun = self._last = self._touched = float("-inf")
        self._seen: dict[str, float] = {}
        self._seldom: tuple[float, list[Trouble]] = (float("-inf"), [])

    async def beat(self) -> int:
        """Look at everything, note what changed, tell operations; of how many incidents."""
        tick = self._ticks()
        if tick - self._last > GAP:
            self._begun, self._seen, self._seldom = tick, {}, (float("-inf"), [])
        self._last = tick
        healthy = await self._prefect.healthy()
        return await asyncio.to_thread(self._beat, tick, healthy)

    def _beat(self, tick: float, healthy: bool) -> int:
        home, now = self._home, self._home.now()
        with db.read(home.engine) as session:
            known = {each.key: each for each in incidents.open_now(session)}
            found = {each.key: each for each in self._look(session, now, known, tick, healthy)}
        self._seen = {key: self._seen.get(key, tick) for key in found}
        if tick - self._begun < STARTING:
            return 0
        self._note(found, known, now, tick)
        operations.try_again(home.engine, home.settings, now)
        told = operations.tell(home.engine, home.settings, now)
        if told:
            log.info("watch.told", incidents=told)
        return told

    def _look(
        self, session: Session, now: datetime, known: dict[str, Known], tick: float, healthy: bool
    ) -> Iterator[Trouble]:
        if not healthy:
            yield Trouble("prefect:server", "prefect", {}, PREFECT_WAIT)
        else:
            yield from looks.events(session, now)
        yield from looks.runs(session, self._home, now, known)
        yield from looks.dues(session, self._home, now, known.keys())
        yield from looks.channels(session, self._home, now)
        yield from looks.jobs(session)
        if not 0 <= tick - self._seldom[0] < SELDOM:
            slow = [
                *looks.data(session, self._home, now),
                *looks.room(session, self._home, known.keys()),
                *looks.backup(session, self._home, now),
            ]
            self._seldom = tick, slow
        yield from self._seldom[1]

    def _note(self, found: dict[str, Trouble], known: dict[str, Known], now: datetime, tick: float) -> None:
        new = [each for key, each in found.items() if key not in known and self._lasts(each, now, tick)]
        touch = not 0 <= tick - self._touched < TOUCHED
        changed = [
            each for key, each in found.items() if key in known and (touch or each.facts != known[key].facts)
        ]
        gone = [key for key in known if self._ours(key) and key not in found]
        if not (new or changed or gone):
            return
        self._touched = tick if touch else self._touched
        with db.write(self._home.engine) as session:
            for each in (*new, *changed):
                incidents.report(session, each.key, each.kind, each.facts, now)
            for key in gone:
                incidents.over(session, key, now)
        for each in new:
            log.warning("watch.wrong", incident=each.key, cause=each.facts.get("cause"))
        for key in gone:
            log.info("watch.over", incident=key)

    def _lasts(self, trouble: Trouble, now: datetime, tick: float) -> bool:
        if tick - self._seen[trouble.key] >= trouble.wait:
            return True
        return trouble.since is not None and (now - trouble.since).total_seconds() >= trouble.wait

    def _ours(self, key: str) -> bool:
        """What the pages report by themselves (mailbox, socket) they end as well, while they are set up."""
        settings = self._home.settings
        away = {
            "channel:mailbox": not settings.mailbox.host,
            "channel:socket": not (settings.slack.token and settings.slack.app_token),
        }
        return key.startswith(KINDS) or key in OWN or away.get(key, False)

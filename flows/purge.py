"""Delete what is older than [retention] says: once a night, a slice at a time, not while a run is going."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import structlog

from flows.runtime import Home
from kamflow.acts import erase, erase_again
from kamflow.errors import ConfigError
from kamflow.intake import leftovers
from kamflow.models.erasure import Erased
from kamflow.store import engine as db
from kamflow.store import events, purged, purging, purging_contacts, retained
from kamflow.store.retained import Limits

NIGHT = (time(3, 30), time(5))  # of the company's zone
OVERDUE = timedelta(hours=36)  # a machine that is off at night purges when it is on
PACE = 10.0  # seconds from one beat to the next
SLICE_SECONDS = 5.0  # of one beat: a stop is waited for no longer
LONGEST_REST = 0.2  # seconds
LOOK = timedelta(minutes=5)  # between two looks whether it is time

log = structlog.get_logger()


class Purge:
    """The clock's job."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._looked = datetime.min.replace(tzinfo=UTC)
        self._gone: dict[str, int] = {}

    async def beat(self) -> bool:
        """Delete a slice, if it is time; tell whether it was."""
        if self._looked <= self._home.now() < self._looked + LOOK:
            return False
        return await asyncio.to_thread(self._beat)

    def _beat(self) -> bool:
        home, now = self._home, self._home.now()
        with db.read(home.engine) as session:
            last, going = purged.last(session), purged.runs_going(session, now)
        if going or not _due(last, now, ZoneInfo(home.settings.company.zone)):
            self._looked = now
            return False
        gone, over = purge(home, Gently(SLICE_SECONDS))
        for name, many in gone.items():
            self._gone[name] = self._gone.get(name, 0) + many
        if over:
            note(home, self._gone)
            self._gone, self._looked = {}, now
        return True


class Gently:
    """Goes on for some seconds, resting between two transactions for as long as the last took: on SQLite
    somebody else can write meanwhile."""

    def __init__(self, seconds: float) -> None:
        self._began = monotonic()
        self._end = self._began + seconds

    def __call__(self) -> bool:
        sleep(min(monotonic() - self._began, LONGEST_REST))
        self._began = monotonic()
        return self._began < self._end


def _due(last: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """At night, once; at any hour where the last time was too long ago."""
    if last is None or now - last > OVERDUE:
        return True
    local = now.astimezone(zone)
    return NIGHT[0] <= local.time() < NIGHT[1] and last.astimezone(zone).date() < local.date()


def limits(home: Home) -> Limits:
    """What is older than this goes."""
    settings = home.settings
    zone = ZoneInfo(settings.company.zone)
    return retained.limits(settings.retention, home.now(), zone, works_council=settings.works_council)


def would_go(home: Home) -> dict[str, int]:
    """Kind -> how much of it would go."""
    old = limits(home)
    with db.read(home.engine) as session:
        found = purging.counts(session, old)
        found["contact"] = len(purging_contacts.without_place(session, old.day["contact"]))
    found["files"] = len(leftovers.older(home.settings.home, old.at["rejects"]))
    return {name: many for name, many in found.items() if many}


def purge(home: Home, go_on: Callable[[], bool] = lambda: True) -> tuple[dict[str, int], bool]:
    """Delete what is old: kind -> how much of it went, and whether all did."""
    old = limits(home)
    gone, over = purging.purge(home.engine, old, go_on)
    if not over:
        return gone, False
    many, over = _erase(home, old, go_on)
    if many:
        gone["contact"] = many
    if over and (files := leftovers.remove(leftovers.older(home.settings.home, old.at["rejects"]))):
        gone["files"] = files
    return gone, over


def _erase(home: Home, old: Limits, go_on: Callable[[], bool]) -> tuple[int, bool]:
    """Erase contacts whom nobody needs, as if they had asked for it: how many, and whether all were."""
    with db.read(home.engine) as session:
        numbers = purging_contacts.without_place(session, old.day["contact"])
    erased = 0
    try:
        key = erase.secret(home.settings) if numbers else ""
        for number in numbers:
            if not go_on():
                return erased, False
            with db.write(home.engine) as session:
                seen = erase.foresee(session, Erased.CONTACT, number)
                erase.erase(session, seen, key, home.now(), home.today())
            erased += 1
    except ConfigError as error:
        log.warning("purge.cannot_erase", contacts=len(numbers), why=str(error))
    finally:
        if erased:
            erase_again.write_down(home.engine, home.settings.home)
    return erased, True


def note(home: Home, gone: Mapping[str, int]) -> None:
    """Write down that it was done: how many rows of which table, nothing else."""
    with db.write(home.engine) as session:
        events.record(session, purged.DONE, home.now(), gone=dict(gone))
    log.info("purge.done", gone=dict(gone))  # by table: one of them is called event

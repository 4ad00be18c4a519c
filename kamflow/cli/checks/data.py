"""The database, the clock, the time zones, and what the database says of this home."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import text
from sqlmodel import Session

from flows.runtime import Home
from kamflow.cli.checks.finding import Finding
from kamflow.models.event import Event
from kamflow.store import adopted, backups, changes, migrate, places
from kamflow.store.engine import read

APART = timedelta(seconds=5)  # a lease is some ten seconds long
NO_TIME = "whether this machine's clock is right was not asked of a time server: timedatectl says so"


class _OnlyTried(Exception):
    """Ends the transaction of a row that nobody is to keep."""


def database(home: Home) -> Iterator[Finding]:
    """Reachable, of this version, writable; on SQLite with its write-ahead log."""
    kind = home.engine.dialect.name
    migrate.check(home.engine)
    try:
        with Session(home.engine) as session, session.begin():
            session.add(Event(name="doctor.tried", at=home.now(), payload={}, relayed_at=home.now()))
            session.flush()
            raise _OnlyTried
    except _OnlyTried:
        yield Finding("database", "ok", f"{kind}: reachable, of this version, can be written")
    with read(home.engine) as session:
        yield from _sqlite(session) if kind == "sqlite" else _postgresql(session)
        used, most = places.database_bytes(session) // 10**6, home.settings.operations.database_mb
        if used > most:
            todo = "shorten [retention], or raise operations.database_mb"
            yield Finding("database", "mind", f"it takes {used} MB, more than {most}", todo)


def _sqlite(session: Session) -> Iterator[Finding]:
    mode = session.execute(text("PRAGMA journal_mode")).scalar_one()
    if mode != "wal":
        todo = "put the home on a local disk: a network share cannot do what WAL needs"
        yield Finding("database", "wrong", f"journal mode {mode} instead of wal", todo)


def _postgresql(session: Session) -> Iterator[Finding]:
    encoding = session.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        yield Finding("database", "wrong", f"encoding {encoding}", "make a database with ENCODING 'UTF8'")


def clock(home: Home) -> Iterator[Finding]:
    """This machine's clock against the database's; and against the newest thing that was written."""
    with read(home.engine) as session:
        known = backups.last_sign(session)
        theirs = home.now()
        if home.engine.dialect.name == "postgresql":
            theirs = session.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)
    if known is not None and known > home.now() + APART:
        what = f"it is {_said(home.now())} here, and something was written at {_said(known)}"
        yield Finding("clock", "wrong", what, "set the clock (timedatectl set-ntp true)")
    elif abs(theirs - home.now()) > APART:
        what = f"the database's clock says {_said(theirs)}, ours {_said(home.now())}"
        yield Finding("clock", "wrong", what, "let both machines follow a time server")
    else:
        yield Finding("clock", "ok", f"{_said(home.now())}; {NO_TIME}")


def _said(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def zones(home: Home) -> Iterator[Finding]:
    """Every time zone that somebody is in."""
    with read(home.engine) as session:
        found = {home.settings.company.zone, *changes.newest(session).zones}
    unknown = sorted(each for each in found if not _zone(each))
    if unknown:
        yield Finding("time zones", "wrong", f"unknown: {', '.join(unknown)}", "pip install -U tzdata")
    else:
        yield Finding("time zones", "ok", ", ".join(sorted(found)))


def _zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def standing(home: Home) -> Iterator[Finding]:
    """Adopted; backed up."""
    with read(home.engine) as session:
        sends = adopted.is_adopted(session, home.settings.home)
        last = places.last_backup(session)
    if sends:
        yield Finding("adopted", "ok", "this home may send")
    else:
        todo = "kamflow adopt, once nothing else sends from the same data"
        yield Finding(
            "adopted", "wrong", "nothing is sent from this home: it is a copy, or was restored", todo
        )
    days = home.settings.operations.backup_days
    if days and (last is None or home.now() - last > timedelta(days=days)):
        when = f"the last one was made on {last:%Y-%m-%d}" if last else "there is none"
        yield Finding(
            "backup", "mind", when, "kamflow backup, by a timer; operations.backup_days = 0 if others do"
        )
    else:
        yield Finding("backup", "ok", f"made on {last:%Y-%m-%d}" if last else "somebody else makes them")

"""A copy of the database to play in: a SQLite file of its own. The source is only read."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, delete, event, insert, select
from sqlalchemy.engine import make_url
from sqlmodel import Session, col

from kamflow.errors import StoreError
from kamflow.models.message import MessageFacts, StoredMessage
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.models.run import FlowRun, Watermark
from kamflow.store import engine as db
from kamflow.store import migrate

# What no decision and no message is made from; of a large database it is the larger part.
LEFT_OUT = ("relay_batch", "relayed_event", "message_step", "run", "imported_file")
# Of the events, by far the longest table, the ones that a decision reads.
EVENTS = ("revenue.imported",)
STRETCH = 10_000  # rows that are in memory at once


def copy(url: str, path: Path) -> Engine:
    """Copy the database at `url` into a new SQLite file and open it; the source stays as it is.

    Raises:
        NotMigrated: the source is of another version.
        StoreError: there is no such database.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        copied = _opened(path)
        db.TABLES.create_all(copied)
        _from_server(url, copied)
        return copied
    _from_file(Path(parsed.database or ""), path)
    copied = _opened(path)
    migrate.check(copied)
    return copied


def _from_file(source: Path, path: Path) -> None:
    with closing(sqlite3.connect(path)) as there:
        for mode in ("mode=ro", "mode=ro&immutable=1"):
            # Without a journal beside it nobody writes: then a folder in which we may not write is fine.
            if "immutable" in mode and Path(f"{source}-wal").exists():
                break
            try:
                with closing(sqlite3.connect(f"{source.resolve().as_uri()}?{mode}", uri=True)) as here:
                    here.backup(there)
            except sqlite3.OperationalError:
                continue
            return
    raise StoreError(f"{source} cannot be read: is this the home you mean (--home), was `kamflow init` run?")


def _from_server(url: str, copied: Engine) -> None:
    """Table by table, within one consistent view."""
    source = db.connect(url)
    try:
        migrate.check(source)
        with db.read(source) as reading, db.write(copied) as writing:
            for table in db.TABLES.sorted_tables:
                if table.name not in LEFT_OUT:
                    _pour(reading, writing, table)
    finally:
        source.dispose()


def _pour(reading: Session, writing: Session, table: Table) -> None:
    query = select(table)
    if table.name == "event":
        query = query.where(table.c.name.in_(EVENTS))
    found = reading.connection().execution_options(yield_per=STRETCH).execute(query)
    for rows in found.mappings().partitions():
        writing.connection().execute(insert(table), [dict(row) for row in rows])


def _opened(path: Path) -> Engine:
    """An engine for a file that nobody else knows and that is thrown away: nothing has to be safe."""
    engine = db.connect(f"sqlite:///{path}")

    def hurry(dbapi: Any, _record: Any) -> None:
        for pragma in ("journal_mode=MEMORY", "synchronous=OFF", "foreign_keys=OFF", "temp_store=MEMORY"):
            dbapi.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", hurry)
    return engine


def rewind(session: Session, first: date) -> None:
    """Forget what was decided and told on or after a day, so that the days from then on can be played."""
    nudge, telling = StoredNudge, Telling
    later = select(col(nudge.id)).where(col(nudge.opened_on) >= first)
    session.execute(delete(telling).where(col(telling.nudge_id).in_(later)))
    session.execute(delete(telling).where(col(telling.told_on) >= first))
    session.execute(delete(nudge).where(col(nudge.opened_on) >= first))
    message, said = StoredMessage, MessageFacts
    begun = col(message.created_at) >= datetime.combine(first, time(), UTC)
    digests = select(col(message.id)).where(col(message.template) == "digest", begun)
    session.execute(delete(said).where(col(said.message_id).in_(digests)))
    session.execute(delete(message).where(col(message.template) == "digest", begun))
    session.execute(delete(Watermark))
    session.execute(delete(FlowRun))

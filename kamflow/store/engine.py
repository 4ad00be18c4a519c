"""Engines and transactions on SQLite and PostgreSQL.

Writers on SQLite start with BEGIN IMMEDIATE: with a deferred one, two writers that both read first
lose updates without an error. Readers may not write at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from kamflow.models import tables as _all_tables  # every table is known before the first session

BUSY_SECONDS = 60
# A connection that has not been used for longer is asked whether the server is still there.
RESTED_SECONDS = 1.0
_READER, _RESTS = "kamflow_reader", "kamflow_rests"
TABLES = _all_tables.METADATA


def connect(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://…` (psycopg 3 is used for it).

    Last in, first out: the connection used last has its pages and prepared statements at hand.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(parsed.set(drivername="postgresql+psycopg"), pool_use_lifo=True)
        event.listen(engine, "checkin", _rests)
        event.listen(engine, "checkout", lambda driver, record, _: _still_there(engine, driver, record))
        return engine
    options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(parsed, connect_args=options, pool_use_lifo=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _rests(_driver: Any, record: ConnectionPoolEntry) -> None:
    record.info[_RESTS] = monotonic()


def _still_there(engine: Engine, driver: Any, record: ConnectionPoolEntry) -> None:
    """Replace a connection whose server is gone. Not before each transaction (`pool_pre_ping`): of a short
    one that is a fifth."""
    if monotonic() - record.info.get(_RESTS, monotonic()) <= RESTED_SECONDS:
        return
    try:
        engine.dialect.do_ping(driver)
    except engine.dialect.loaded_dbapi.Error as gone:
        raise InvalidatePoolError from gone


def _prepare_sqlite(dbapi: Any, _record: Any) -> None:
    # The driver must not open transactions of its own: BEGIN is ours (see _begin_sqlite).
    dbapi.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "cache_size=-32000"):
        dbapi.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reader = bool(connection.get_execution_options().get(_READER, False))
    # What the driver's connection was told last; a new one may write.
    if connection.info.get(_READER, False) is not reader:
        connection.exec_driver_sql("PRAGMA query_only=" + ("ON" if reader else "OFF"))
        connection.info[_READER] = reader
    connection.exec_driver_sql("BEGIN" if reader else "BEGIN IMMEDIATE")


@contextmanager
def write(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def read(engine: Engine) -> Iterator[Session]:
    """A consistent view that cannot write."""
    options: dict[str, Any] = {_READER: True}
    if engine.dialect.name == "postgresql":
        options |= {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    with Session(engine.execution_options(**options), expire_on_commit=False) as session:
        yield session


def lock(session: Session, name: str, *, shared: bool = False) -> None:
    """Hold the lock `name` until the transaction ends. SQLite's BEGIN IMMEDIATE already is one.

    Those who share it wait only for who holds it alone, and the other way round.
    """
    if session.get_bind().dialect.name == "postgresql":
        function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        session.execute(text(f"SELECT {function}(hashtext(:name))"), {"name": name})


@contextmanager
def write_alone(engine: Engine, name: str) -> Iterator[Session]:
    """One writing transaction under the lock `name` that sees one state of the database throughout.

    On PostgreSQL a transaction that waited for the lock would look at the state from before it waited.
    So the connection takes the lock first, and the transaction begins once it is held. Whoever takes
    `lock(session, name)` waits for it, and the other way round.
    """
    if engine.dialect.name != "postgresql":
        with write(engine) as session:
            yield session
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        try:
            connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": name})
            connection.commit()
            with Session(connection, expire_on_commit=False) as session, session.begin():
                yield session
            connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": name})
            connection.commit()
        except BaseException:
            # Whatever state it is in: closing the connection frees the lock.
            connection.invalidate()
            raise

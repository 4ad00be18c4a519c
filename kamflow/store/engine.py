"""Engines and transactions on SQLite and PostgreSQL.

Writers on SQLite start with BEGIN IMMEDIATE: with a deferred one, two writers that both read first
lose updates without an error. Readers may not write at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlmodel import Session

from kamflow.models import tables as _all_tables  # every table is known before the first session

BUSY_SECONDS = 60
TABLES = _all_tables.METADATA


def connect(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://…` (psycopg 3 is used for it)."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi: Any, _record: Any) -> None:
    # The driver must not open transactions of its own: BEGIN is ours (see _begin_sqlite).
    dbapi.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "cache_size=-32000"):
        dbapi.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reader = connection.get_execution_options().get("kamflow_reader", False)
    connection.exec_driver_sql("PRAGMA query_only=" + ("ON" if reader else "OFF"))
    connection.exec_driver_sql("BEGIN" if reader else "BEGIN IMMEDIATE")


@contextmanager
def write(engine: Engine) -> Iterator[Session]:
    """One transaction: committed at the end, rolled back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def read(engine: Engine) -> Iterator[Session]:
    """A consistent view that cannot write."""
    options: dict[str, Any] = {"kamflow_reader": True}
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

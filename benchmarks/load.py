"""A database full of the made-up company, and copies of it."""

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import date
from pathlib import Path
from random import Random
from typing import LiteralString

import psycopg
from company import Rows, customers, staff
from psycopg import sql
from sqlalchemy.engine import make_url

from kamflow.store import engine as db
from kamflow.store import migrate

DROP = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
STRETCH = 1000  # accounts whose rows are in memory at once


def build(url: str, accounts: int) -> None:
    """Make a database, migrate it and fill it."""
    if url.startswith("postgresql"):
        _server(url, DROP, _name(url))
        _server(url, "CREATE DATABASE {}", _name(url))
    engine = db.connect(url)
    migrate.upgrade(engine)
    engine.dispose()
    chance = Random(2026)
    into = _into_postgres if url.startswith("postgresql") else _into_sqlite
    into(url, staff(chance))
    for first in range(1, accounts + 1, STRETCH):
        into(url, customers(chance, range(first, min(first + STRETCH, accounts + 1))))
    if url.startswith("postgresql"):
        # What autovacuum does within minutes of an import.
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


def copy(url: str, to: str) -> None:
    """Copy a database that nobody is connected to, in place of an older copy."""
    remove(to)
    if url.startswith("postgresql"):
        _server(url, "CREATE DATABASE {} TEMPLATE {}", _name(to), _name(url))
    else:
        shutil.copy(_file(url), _file(to))


def remove(*urls: str) -> None:
    """Take databases away."""
    for url in urls:
        if url.startswith("postgresql"):
            _server(url, DROP, _name(url))
            continue
        for suffix in ("", "-wal", "-shm"):
            Path(str(_file(url)) + suffix).unlink(missing_ok=True)


def _into_sqlite(url: str, tables: Iterable[Rows]) -> None:
    with closing(sqlite3.connect(_file(url))) as connection, connection:
        for table, columns, rows in tables:
            marks = ", ".join("?" * len(columns))
            plain = ([v.isoformat() if isinstance(v, date) else v for v in row] for row in rows)
            # Names of our own tables only.
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", plain)  # noqa: S608


def _into_postgres(url: str, tables: Iterable[Rows]) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        for table, columns, rows in tables:
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
                for row in rows:
                    copy.write_row(row)


def _server(url: str, statement: LiteralString, *databases: str) -> None:
    with psycopg.connect(sibling(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, databases)))


def sibling(url: str, database: str) -> str:
    """Name another database of the same server, or another file of the same folder."""
    if not url.startswith("postgresql"):
        return f"{url.rpartition('/')[0]}/{database}"
    return make_url(url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _name(url: str) -> str:
    return make_url(url).database or ""

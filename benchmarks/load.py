"""A database full of the made-up company, and copies of it."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import date
from itertools import chain
from pathlib import Path
from random import Random
from typing import LiteralString

import company
import psycopg
import whole
from company import Rows
from psycopg import sql
from sqlalchemy.engine import make_url

from kamflow.store import engine as db
from kamflow.store import migrate

DROP = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
SEQUENCES = """
DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT table_name FROM information_schema.columns
             WHERE table_schema = 'public' AND column_name = 'id' AND column_default LIKE 'nextval%' LOOP
        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), coalesce(max(id), 0) + 1) FROM %I',
                       t.table_name, t.table_name);
    END LOOP;
END $$
"""
STRETCH = 1000  # accounts whose rows are in memory at once


def build(url: str, accounts: int) -> None:
    """Make a database, migrate it and fill it with the company of `company.py`."""
    chance = Random(2026)
    stretches = (company.customers(chance, some) for some in _stretches(accounts))
    _fill(url, [company.staff(chance)], stretches)


def build_whole(url: str, accounts: int) -> None:
    """Make a database, migrate it and fill it with the company of `whole.py`."""
    chance = Random(2026)
    stretches = (whole.customers(chance, some, accounts) for some in _stretches(accounts))
    _fill(url, [whole.staff(chance, accounts)], stretches)


def _stretches(accounts: int) -> Iterator[range]:
    return (range(first, min(first + STRETCH, accounts + 1)) for first in range(1, accounts + 1, STRETCH))


def _fill(url: str, *parts: Iterable[Iterable[Rows]]) -> None:
    create(url)
    engine = db.connect(url)
    migrate.upgrade(engine)
    engine.dispose()
    into = _into_postgres if url.startswith("postgresql") else _into_sqlite
    for tables in chain(*parts):
        into(url, tables)
    if url.startswith("postgresql"):
        # Ids were given; the next one is above them. Statistics are what autovacuum makes within minutes.
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(SEQUENCES)
            connection.execute("VACUUM ANALYZE")


def create(url: str) -> None:
    """Make an empty database on a server, in place of an older one; a file is made by who opens it."""
    remove(url)
    if url.startswith("postgresql"):
        _server(url, "CREATE DATABASE {}", _name(url))


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

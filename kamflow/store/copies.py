"""A consistent copy of the whole database while others write in it, and a database made of such a copy.

SQLite: its backup interface copies one state of the file. PostgreSQL: one REPEATABLE READ transaction copies
each table as text (COPY), with psycopg alone; what comes back is built in a schema of its own, brought up to
date there, and changes places with the old tables in one transaction.
"""

import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine

from kamflow.store import migrate
from kamflow.store.archive import beside
from kamflow.store.engine import BUSY_SECONDS, connect

ASIDE = "kamflow_restored"  # the schema in which PostgreSQL builds what comes back
VERSIONS = "alembic_version"


def write_out(engine: Engine, folder: Path) -> str:
    """Copy one state of the database into a folder; return its version of the schema."""
    if engine.dialect.name == "postgresql":
        return _tables_out(engine, folder)
    source = sqlite3.connect(str(engine.url.database), timeout=BUSY_SECONDS)
    with closing(source), closing(sqlite3.connect(folder / "kamflow.db")) as copy:
        source.backup(copy)  # all pages in one step: one state, whoever writes meanwhile
        copy.execute("PRAGMA journal_mode=DELETE")
        return copy.execute(f"SELECT version_num FROM {VERSIONS}").fetchone()[0]  # noqa: S608 - our own name


def _tables_out(engine: Engine, folder: Path) -> str:
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection:
        version = MigrationContext.configure(connection).get_current_revision() or ""
        for table in _tables(connection):
            cursor = connection.connection.cursor()
            with _file(folder, table).open("wb") as out, cursor.copy(_copy(table, "TO STDOUT")) as rows:
                out.writelines(rows)
            cursor.close()
    return version


def _tables(connection: Connection) -> Sequence[sa.Table]:
    """The tables as they are in the database, those first that others point at."""
    found = sa.MetaData()
    found.reflect(connection)
    return [each for each in found.sorted_tables if each.name != VERSIONS]


def _file(folder: Path, table: sa.Table) -> Path:
    return folder / f"{table.name}.copy"


def _copy(table: sa.Table, way: str) -> str:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    return f'COPY "{table.name}" ({columns}) {way}'


def bring_back(engine: Engine, folder: Path, version: str) -> Engine:
    """A database beside the one of the home, made of a copy and brought up to date; the home is as it was.

    `put_in_place` ends it. Raises NotMigrated where the copy is newer than this kamflow.
    """
    if engine.dialect.name != "postgresql":
        aside = connect(f"sqlite:///{folder / 'kamflow.db'}")
        migrate.upgrade(aside)
        return aside
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {ASIDE}")
    url = engine.url.update_query_dict({"options": f"-csearch_path={ASIDE}"})
    aside = connect(url.render_as_string(hide_password=False))
    command.upgrade(migrate.config(aside), version)
    with aside.begin() as connection:
        for table in _tables(connection):
            _table_in(connection, table, _file(folder, table))
    migrate.upgrade(aside)
    return aside


def _table_in(connection: Connection, table: sa.Table, file: Path) -> None:
    cursor = connection.connection.cursor()
    # Some migrations begin with rows of their own.
    cursor.execute(f'DELETE FROM "{table.name}"')  # noqa: S608 - our own name
    with file.open("rb") as rows, cursor.copy(_copy(table, "FROM STDIN")) as into:
        while block := rows.read(1 << 20):
            into.write(block)
    for column in table.primary_key.columns:
        if isinstance(column.type, sa.Integer) and column.autoincrement is True:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'),"  # noqa: S608
                f' (SELECT coalesce(max("{column.name}"), 0) + 1 FROM "{table.name}"), false)'
            )
    cursor.close()


def put_in_place(aside: Engine, engine: Engine, file: Path) -> None:
    """Let the database that was brought back take the place of the home's, at one stroke."""
    if engine.dialect.name != "postgresql":
        _close(aside)
        _settle(Path(str(engine.url.database)))
        place = Path(str(engine.url.database))
        with beside(place) as near:  # the database may lie on another disk than the home
            shutil.copyfile(file, near)
        return
    aside.dispose()
    with engine.begin() as connection:
        listed = sa.inspect(connection)
        [home] = connection.exec_driver_sql("SELECT current_schema()").one()
        for name in listed.get_table_names():
            connection.exec_driver_sql(f'DROP TABLE "{name}" CASCADE')
        for name in listed.get_table_names(schema=ASIDE):
            connection.exec_driver_sql(f'ALTER TABLE {ASIDE}."{name}" SET SCHEMA "{home}"')
        connection.exec_driver_sql(f"DROP SCHEMA {ASIDE} CASCADE")


def _close(aside: Engine) -> None:
    """Bring what stands in the write-ahead log into the file, so that the file alone is the database."""
    aside.dispose()
    _settle(Path(str(aside.url.database)))


def _settle(file: Path) -> None:
    if file.is_file():
        database = sqlite3.connect(file, timeout=BUSY_SECONDS)
        database.execute("PRAGMA journal_mode=DELETE")
        database.close()

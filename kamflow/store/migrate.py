"""The schema's versions."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from kamflow.errors import NotMigrated

MIGRATIONS = Path(__file__).with_name("migrations")


def config(engine: Engine) -> Config:
    """Alembic's configuration, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; nothing happens where it is there already.

    Raises:
        NotMigrated: rows point at rows that there are not; the database stays as it was.
    """
    command.upgrade(config(engine), "head")


@contextmanager
def unreferenced(connection: Connection) -> Iterator[None]:
    """Let tables be made anew while others point at them.

    SQLite changes little in a table: Alembic copies it, drops it and renames the copy. Ask before the
    transaction begins: within one SQLite does not listen.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    dbapi: Any = connection.connection.driver_connection
    dbapi.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()  # what was not committed: what is asked for within a transaction is lost
        dbapi.execute("PRAGMA foreign_keys=ON")


def refuse_orphans(connection: Connection) -> None:
    """Look for what SQLite did not while it was `unreferenced`.

    Raises:
        NotMigrated: rows point at rows that there are not.
    """
    if connection.dialect.name != "sqlite":
        return
    found = Counter((row[0], row[2]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check"))
    if found:
        told = ", ".join(f"{count} in {table} ({parent})" for (table, parent), count in found.items())
        raise NotMigrated(
            f"rows point at rows that there are not: {told}. Nothing was changed; mend them, or go back to "
            "the last backup, and run `kamflow init` once more"
        )


def check(engine: Engine) -> None:
    """Refuse a database of another version.

    Raises:
        NotMigrated: the schema is older or newer than this code.
    """
    wanted = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    # A reader: on SQLite another start would wait for whoever writes.
    with engine.connect().execution_options(kamflow_reader=True) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found != wanted:
        raise NotMigrated(
            f"the database is at version {found or 'none'}, this kamflow needs {wanted}: "
            "run `kamflow init` on this home (it keeps all data), or install the matching version"
        )

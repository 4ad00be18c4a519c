"""The schema's versions."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

from kamflow.errors import NotMigrated

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).with_name("migrations")


def config(engine: Engine) -> "Config":
    """Alembic's configuration, without an ini file."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; nothing happens where it is there already.

    Raises:
        NotMigrated: rows point at rows that there are not, or the database is newer; it stays as it was.
    """
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(config(engine), "head")
    except CommandError as error:
        raise NotMigrated(
            f"the database cannot be brought to this version: {error}. It was last used by a newer kamflow: "
            "install that version, or restore a backup of this one"
        ) from None


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


def newest() -> str:
    """The version this code needs: the number that its last migration begins with.

    Read so, and not by Alembic, which takes a fifth of a second to load: every command asks.
    """
    return max(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))


def current(connection: Connection) -> str | None:
    """The version of the tables; None: there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def check(engine: Engine) -> None:
    """Refuse a database of another version.

    Raises:
        NotMigrated: the schema is older or newer than this code.
    """
    wanted = newest()
    # A reader: on SQLite another start would wait for whoever writes.
    with engine.connect().execution_options(kamflow_reader=True) as connection:
        found = current(connection)
    if found != wanted:
        raise NotMigrated(
            f"the database is at version {found or 'none'}, this kamflow needs {wanted}: "
            "run `kamflow init` on this home (it keeps all data), or install the matching version"
        )

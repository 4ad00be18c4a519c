"""The schema's versions."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from kamflow.errors import NotMigrated

MIGRATIONS = Path(__file__).with_name("migrations")


def config(engine: Engine) -> Config:
    """Alembic's configuration, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["engine"] = engine
    return made


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; nothing happens where it is there already."""
    command.upgrade(config(engine), "head")


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

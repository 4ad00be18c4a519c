"""Make a database forget: what was overwritten still stands in free pages and in the journal until then."""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

WAIT_MS = 10_000


@dataclass(frozen=True, slots=True)
class Packed:
    """Whether nothing of what was deleted is left in the database's own files; else what to do."""

    done: bool
    said: str


def pack(engine: Engine) -> Packed:
    """Write the database anew without what was deleted. On SQLite kamflow may be running; it has to wait."""
    if engine.dialect.name == "postgresql":
        return _postgresql(engine)
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={WAIT_MS}")
        cursor.execute("PRAGMA query_only=OFF")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("VACUUM")
        [busy, _, _] = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except Exception as error:
        # The driver's own error: it comes past SQLAlchemy.
        if "locked" not in str(error) and "busy" not in str(error):
            raise
        busy = 1
    finally:
        connection.invalidate()
    if busy:
        return Packed(False, "the database is in use: pack it later with `kamflow person erase --vacuum`")
    return Packed(True, "the database was packed: nothing of it is left in its files")


def _postgresql(engine: Engine) -> Packed:
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
    except OperationalError as error:
        return Packed(False, f"VACUUM failed ({type(error.orig).__name__}): run it on the database yourself")
    return Packed(
        True,
        "VACUUM freed the old rows; the server overwrites their space in time (VACUUM FULL at once, with all"
        " of kamflow stopped), and its write-ahead log and your backups hold them until they age out",
    )

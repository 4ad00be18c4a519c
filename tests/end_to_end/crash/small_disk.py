"""A disk of a few megabytes that can be filled, for tables of a PostgreSQL; it takes root to mount one."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.end_to_end.crash.own_postgres import OwnPostgres

MEGABYTES = 8


@dataclass
class SmallDisk:
    """`folder` is where it is mounted."""

    folder: Path

    def holds(self, server: OwnPostgres, engine: Engine, *tables: str) -> None:
        """Put these tables and their indexes on it."""
        shutil.chown(self.folder, server.server.system_user)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE TABLESPACE small LOCATION '{self.folder}'"))
            wanted = text("SELECT indexname FROM pg_indexes WHERE tablename = ANY(:tables)")
            for index in connection.execute(wanted, {"tables": [*tables]}).scalars().all():
                connection.execute(text(f'ALTER INDEX "{index}" SET TABLESPACE small'))
            for table in tables:
                connection.execute(text(f'ALTER TABLE "{table}" SET TABLESPACE small'))

    @contextmanager
    def full(self) -> Iterator[None]:
        """Nothing more fits on it meanwhile."""
        rest = self.folder / "rest"
        with rest.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(4096)):
                pass
        try:
            yield
        finally:
            rest.unlink()


@contextmanager
def small_disk() -> Iterator[SmallDisk]:
    """Mount one, in memory. Not in a test's own folder: the server's user must get there."""
    folder = Path(tempfile.mkdtemp(prefix="kamflow-disk-"))
    options = ["-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "tmpfs", str(folder)]
    try:
        if not shutil.which("mount") or subprocess.run(["mount", *options], check=False).returncode:
            pytest.skip("no disk can be mounted here: that takes root, and a container that lets it")
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], capture_output=True, check=False)
        folder.rmdir()

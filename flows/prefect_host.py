"""Prefect's server as a child of `kamflow up`: `python -m flows.prefect_host`, with `server.environment`.

What `prefect server start` does, without its command line, which takes seconds to load; it ends with its
supervisor.
"""

import os
from functools import partial
from importlib import import_module
from typing import Any

from flows import tether

# Prefect lets fifteen connections wait up to a minute for SQLite's one writer. With eight runs asked for
# at once on a busy machine all of them stood still until the minute was over.
MORE_CONNECTIONS, BUSY_SECONDS = 60, 15
STOP_SECONDS = 2  # for requests in work
KEPT_OPEN = 15  # seconds of an idle connection; longer than our own clients keep one


def main() -> None:
    """Serve until SIGTERM."""
    tether.to_supervisor()
    uvicorn = import_module("uvicorn")
    spacious(import_module("prefect.server.database.configurations"))
    prefect = import_module("prefect.server.api.server")
    uvicorn.run(
        prefect.create_app(final=True),
        host=os.environ["PREFECT_SERVER_API_HOST"],
        port=int(os.environ["PREFECT_SERVER_API_PORT"]),
        timeout_keep_alive=KEPT_OPEN,
        timeout_graceful_shutdown=STOP_SECONDS,
        log_config=None,
        access_log=False,
    )


def spacious(databases: Any) -> None:
    """Give Prefect more connections to its SQLite, and let each wait less for the writer."""
    databases.create_async_engine = partial(databases.create_async_engine, max_overflow=MORE_CONNECTIONS)
    prepare = databases.AioSqliteConfiguration.setup_sqlite

    def prepared(self: Any, connection: Any, record: Any) -> None:
        prepare(self, connection, record)
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.close()

    databases.AioSqliteConfiguration.setup_sqlite = prepared


if __name__ == "__main__":
    main()

"""Run what Prefect has scheduled: `python -m flows.serve`, with KAMFLOW_HOME (default: the current folder).

Needs a Prefect server: PREFECT_API_URL, or the address in `<home>/prefect/api_url`.
On SIGTERM it takes no more runs and gives those in work `--drain` seconds, then cancels them.
"""

import argparse
import asyncio
import os
import sys
from importlib import import_module

from flows import runtime, server
from kamflow.errors import KamflowError

LIMIT_SQLITE, LIMIT_POSTGRESQL = 2, 4  # SQLite has one writer: more runs would only wait for it


def main() -> int:
    """Serve until SIGTERM; 0 when everything in work was ended, 2 when it cannot start."""
    options = argparse.ArgumentParser(prog="python -m flows.serve")
    options.add_argument("--drain", type=float, default=15.0, help="seconds that runs may finish in (15)")
    drain: float = options.parse_args().drain
    try:
        home = runtime.open_home()
    except KamflowError as error:
        return _refused(str(error))
    home.engine.dispose()
    server.prepare(home.settings.home, quiet=False)
    url = server.find(home.settings.home)
    if url is None:
        return _refused("no Prefect server answers: start one and set PREFECT_API_URL")
    # For the processes of the runs, wherever they are started.
    os.environ.update(PREFECT_API_URL=url, KAMFLOW_HOME=str(home.settings.home.absolute()))
    limit = LIMIT_SQLITE if home.engine.dialect.name == "sqlite" else LIMIT_POSTGRESQL
    asyncio.run(import_module("flows.runner").serve(home.settings.company.zone, limit, drain))
    return 0


def _refused(why: str) -> int:
    sys.stderr.write(f"kamflow: {why}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main())

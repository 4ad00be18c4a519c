"""Run what Prefect has scheduled: `python -m flows.serve`, with KAMFLOW_HOME (default: the current folder).

Needs a Prefect server: PREFECT_API_URL, or the address in `<home>/prefect/api_url`.
On SIGTERM it takes no more runs and gives those in work `--drain` seconds, then cancels them.
"""

import argparse
import asyncio
import os
import sys
from importlib import import_module
from time import sleep

import structlog

from flows import leaving, runtime, server, tether
from kamflow.errors import KamflowError

LIMIT_SQLITE, LIMIT_POSTGRESQL = 2, 4  # SQLite has one writer: more runs would only wait for it


LOOK_SECONDS = 0.25

log = structlog.get_logger()


def main() -> int:
    """Serve until SIGTERM; 0 when everything in work was ended, 2 when it cannot start."""
    tether.to_supervisor()
    options = argparse.ArgumentParser(prog="python -m flows.serve")
    options.add_argument("--drain", type=float, default=15.0, help="seconds that runs may finish in (15)")
    drain: float = options.parse_args().drain
    try:
        home = runtime.open_home()
    except KamflowError as error:
        return _refused(str(error))
    home.engine.dispose()
    server.prepare(home.settings, quiet=False)
    url = server.address(home.settings)
    if url is None:
        return _refused("no Prefect server answers: start one and set PREFECT_API_URL")
    # For Prefect, and for the processes of the runs, wherever they are started.
    os.environ.update(PREFECT_API_URL=url, KAMFLOW_HOME=str(home.settings.home.absolute()))
    runner, warm = import_module("flows.runner"), import_module("flows.warm")
    if warm.possible():
        warm.begin()  # seconds in which the server may come
    _wait_for(url)
    limit = LIMIT_SQLITE if home.engine.dialect.name == "sqlite" else LIMIT_POSTGRESQL
    asyncio.run(runner.serve(home.settings.company.zone, limit, drain))
    return 0


def _wait_for(url: str) -> None:
    """Wait until the server answers; it may be starting, or away. SIGTERM ends it: nothing is in work yet."""
    if server.healthy(url):
        return
    log.info("runner.waits", server=url)
    while not server.healthy(url):
        sleep(LOOK_SECONDS)


def _refused(why: str) -> int:
    sys.stderr.write(f"kamflow: {why}\n")
    return 2


if __name__ == "__main__":
    leaving.at_once(main())

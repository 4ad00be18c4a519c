"""`kamflow deploy`: register the flows on a Prefect server, for workers."""

from typing import Annotated

from cyclopts import Parameter

from kamflow.cli.home import opened
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError

PATIENCE = 30.0  # seconds for a server that is busy; where none listens it is said at once


def deploy(*, pool: Annotated[str | None, Parameter(negative="")] = None, options: Options = HERE) -> None:
    """Register every flow with its schedule on the Prefect server; again changes nothing.

    Parameters
    ----------
    pool
        The work pool whose workers run the flows, made when it is missing; `[prefect] work_pool` if not
        given. Without either the runner of `kamflow up` runs them.
    """
    import asyncio
    import os
    from importlib import import_module

    from flows import server

    with opened(options) as home:
        server.prepare(home.settings)
        url = server.find(home.settings, PATIENCE)
        if url is None:
            place = server.address(home.settings) or "any address"
            raise InputError(
                f"no Prefect server answers at {place}: start `kamflow up`, or name it ([prefect] api_url)"
            )
        os.environ[server.URL] = url  # before Prefect reads its settings
        pool = pool or home.settings.prefect.work_pool
        names = asyncio.run(import_module("flows.deploy").deploy(home.settings.company.zone, pool))
    if options.json:
        say_json({"server": url, "pool": pool, "deployments": names})
        return
    say(*(f"registered: {name}" for name in names), f"server: {url}")
    if pool is not None:
        say(f"each worker needs KAMFLOW_HOME, {server.URL} and {server.AUTH}, then: {_worker(pool)}")


def _worker(pool: str) -> str:
    return f"prefect worker start --pool {pool} --limit 4"

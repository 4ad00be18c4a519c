"""Run flows for a command: visible in Prefect where its server is well, else without Prefect's engine.

Either way the run is in our ledger and ends with the same outcome. Flow modules are imported by name,
once their Prefect knows where its home is.
"""

import asyncio
import logging
from datetime import date
from functools import partial
from importlib import import_module

from flows import runtime, server
from flows.runtime import Home, Visit
from kamflow.errors import InputError, NotFound
from kamflow.schedules import SCHEDULES
from kamflow.store import engine as db
from kamflow.store import lookup
from kamflow.store.run import Outcome

ALL = "all"
FLOWS = tuple(dict.fromkeys(schedule.flow for schedule in SCHEDULES))  # in the order of a night

log = logging.getLogger(__name__)


def run_flow(home: Home, name: str, as_of: date, accounts: list[str] | None = None) -> Outcome:
    """Run one flow or `all` for a day, for all accounts or for those given; not from an event loop.

    Raises:
        NotFound: there is no such flow or account.
        InputError: the flow knows no accounts.
    """
    server.prepare(home.settings)
    url = server.find(home.settings)
    run = partial(_through, url, home) if url else partial(run_here, home)
    keys = None if accounts is None else _keys(home, accounts)
    if name != ALL:
        return run(name, as_of, keys)
    names = [each for each in FLOWS if keys is None or each != "intake"]
    return sum((run(each, as_of, keys) for each in names), Outcome())


def run_here(
    home: Home, name: str, as_of: date, accounts: list[str] | None = None, visit: Visit | None = None
) -> Outcome:
    """Run one flow in this process and without any server: what the demo and the rehearsal want.

    Raises:
        NotFound: there is no such flow or account.
        InputError: the flow knows no accounts.
    """
    server.prepare(home.settings)
    module = import_module(f"flows.{_known(name, accounts)}")
    if name == "intake":
        return module.bring_in(home, as_of, visit or Visit())
    if accounts is None:
        return runtime.run_whole(home, name, module.decide, as_of, visit)
    return runtime.run_accounts(home, name, module.decide, as_of, accounts, visit)


def _through(url: str, home: Home, name: str, as_of: date, accounts: list[str] | None) -> Outcome:
    """Call the flow itself, so that the server sees the run; what the body did counts, not what Prefect says.

    A server that goes away before the body began costs nothing: the run is done here. One that goes
    away later takes only the picture of the run with it: its work is in our database.
    """
    flow = getattr(import_module(f"flows.{_known(name, accounts)}"), name)
    prefect_run, settings = import_module("flows.prefect_run"), import_module("prefect.settings")
    # A person waits: two tries more bridge a busy server, five would wait a minute for one that is gone.
    at_server = {settings.PREFECT_API_URL: url, settings.PREFECT_CLIENT_MAX_RETRIES: 2}
    if proof := server.auth(home.settings):
        at_server[settings.PREFECT_API_AUTH_STRING] = proof
    call = prefect_run.Call(home)
    asked = {"as_of": as_of} if accounts is None else {"as_of": as_of, "accounts": accounts}
    brought = prefect_run.CALL.set(call)
    try:
        with settings.temporary_settings(at_server):
            asyncio.run(flow(**asked))
    except Exception as error:  # noqa: BLE001 - whatever Prefect says: what the body did counts
        if call.error is not None:
            raise call.error from None
        log.warning("Prefect's server at %s did not see %s to its end: %s", url, name, type(error).__name__)
    finally:
        prefect_run.CALL.reset(brought)
    return call.outcome or run_here(home, name, as_of, accounts)


def _known(name: str, accounts: list[str] | None) -> str:
    if name not in FLOWS:
        raise NotFound(f"no flow {name!r}: there are {', '.join(FLOWS)} and `{ALL}`")
    if name == "intake" and accounts is not None:
        raise InputError("intake reads files, which belong to no account: run it without --account")
    return name


def _keys(home: Home, accounts: list[str]) -> list[str]:
    """The keys of accounts that may be called by name: run parameters must not hold names."""
    with db.read(home.engine) as session:
        return [lookup.account(session, text).key for text in accounts]

"""`kamflow run`: decide what is due, here and without a server."""

import sys
import traceback
from datetime import date
from typing import Annotated

from cyclopts import Parameter

from flows.runtime import Home
from kamflow.cli.home import day, opened
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.errors import InputError, KamflowError
from kamflow.store.run import Outcome

EVERY = "all"


def run(
    flow: str,
    /,
    *,
    as_of: str | None = None,
    account: Annotated[list[str] | None, Parameter(negative="")] = None,
    options: Options = HERE,
) -> int:
    """Decide what is due: open, update and close nudges.

    Parameters
    ----------
    flow
        A flow (contact_shortfall, plan_creation, intake), or all of them.
    as_of
        The day to decide for (2026-09-07); today if not given.
    account
        Only for this account (repeat it): key, external id or full name.
    """
    with opened(options) as home:
        on = day(as_of) if as_of else home.today()
        if flow == EVERY:
            done, failed = _night(home, on, account)
        else:
            done, failed = {flow: _decide(home, flow, on, account)}, []
    _answer(options, done, failed, on)
    return 1 if failed else 0


def _night(home: Home, on: date, accounts: list[str] | None) -> tuple[dict[str, Outcome], list[str]]:
    """All flows in their order; one that fails must not keep the others from their night."""
    done: dict[str, Outcome] = {}
    failed: list[str] = []
    for name in _flows(bool(accounts)):
        try:
            done[name] = _decide(home, name, on, accounts)
        except InputError:
            raise
        except Exception as error:  # noqa: BLE001 - it is told, and the exit code is 1
            _tell(name, error)
            failed.append(name)
    return done, failed


def _flows(by_account: bool) -> list[str]:
    """All of them in the order of a night; what lies in the drop folder belongs to no account."""
    from flows import local

    return [name for name in local.FLOWS if not (by_account and name == "intake")]


def _decide(home: Home, name: str, on: date, accounts: list[str] | None) -> Outcome:
    # Prefect comes with the flows: half a second that no other command needs.
    from flows import local

    return local.run_flow(home, name, on, accounts)


def _tell(name: str, error: Exception) -> None:
    if isinstance(error, KamflowError):
        print(f"kamflow: {name}: {error}", file=sys.stderr)
    else:
        traceback.print_exception(error)


def _answer(options: Options, done: dict[str, Outcome], failed: list[str], on: date) -> None:
    total = sum(done.values(), Outcome())
    if options.json:
        flows = {name: outcome.counts() for name, outcome in done.items()}
        say_json(total.counts() | {"as_of": on, "flows": flows, "failed": failed})
        return
    if len(done) > 1:
        names = list(total.counts())
        table(["flow", *names], [[name, *outcome.counts().values()] for name, outcome in done.items()])
    say(f"{on}: {total.opened} opened, {total.updated} updated, {total.closed} closed")
    if total.superseded:
        say(f"{total.superseded} accounts left out: they were decided for a later day already")
    if failed:
        say(f"failed: {', '.join(failed)}")

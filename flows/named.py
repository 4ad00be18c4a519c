"""How a flow looks in Prefect: the name of a run, and what may be asked of it, described for a person."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from prefect.runtime import flow_run

from flows.prefect_run import CALL, local_day
from flows.server import OWN_NAMES
from kamflow import settings as knobs
from kamflow.periods import label, previous_quarter
from kamflow.settings import Company

# Prefect takes what it shows beside a parameter from the docstring, in this form.
ARGS = """

Args:
    as_of: The day to decide for, such as 2026-09-07. None: the day for which the run is scheduled, today
        where it is started by hand. Nothing is undone that was decided for a later day.
"""
ACCOUNTS = """    accounts: Only these accounts, by their keys: ["4711", "4712"]. None: all of them.
"""

Body = TypeVar("Body", bound=Callable[..., Any])


def described(body: Body) -> Body:
    """Say in Prefect's forms what the parameters of a flow mean."""
    takes = body.__code__.co_varnames[: body.__code__.co_argcount]
    body.__doc__ = f"{body.__doc__}{ARGS}{ACCOUNTS if 'accounts' in takes else ''}"
    return body


def description(documented: str | None) -> str:
    """What a flow does, of what `described` made of its docstring."""
    return (documented or "").partition("\n\nArgs:")[0]


def run_name() -> str:
    """`contact-shortfall 2026-09-07`, `quarterly-controlling 2026-Q2`; what was asked for keeps its name."""
    given = str(flow_run.name or "")
    if given.startswith(OWN_NAMES):
        return given
    try:
        return f"{flow_run.flow_name} {_period(str(flow_run.flow_name), flow_run.parameters or {})}"
    except Exception:  # noqa: BLE001 - a name must not fail a run
        return given


def _period(flow: str, parameters: dict[str, Any]) -> str:
    call = CALL.get()
    settings = call.home.settings if call and call.home else knobs.load()
    as_of = parameters.get("as_of")
    if as_of is None:
        day = local_day(settings.company.zone, flow_run.scheduled_start_time)
    else:
        day = date.fromisoformat(str(as_of)[:10])
    return _quarter(day, settings.company) if flow == "quarterly-controlling" else day.isoformat()


def _quarter(day: date, company: Company) -> str:
    """The quarter that the flow looks at: the one that ended last."""
    fiscal = (company.fiscal_year_start, company.fiscal_year_changes)
    number, _, year = label(previous_quarter(day, *fiscal), *fiscal).partition(" ")
    return f"{year}-{number}" if year else number

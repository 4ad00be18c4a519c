"""Run a flow's body here, without Prefect's server: for `kamflow run`, the demo and the rehearsal."""

from datetime import date
from types import ModuleType

from flows import (
    contact_shortfall,
    department_requests,
    measure_followup,
    plan_creation,
    quarterly_controlling,
    runtime,
)
from flows.runtime import Home
from kamflow.errors import NotFound
from kamflow.store.run import Outcome

# In the order of a night: plans first, since contacts never depend on them the same day.
RULES: dict[str, ModuleType] = {
    "plan_creation": plan_creation,
    "contact_shortfall": contact_shortfall,
    "quarterly_controlling": quarterly_controlling,
    "measure_followup": measure_followup,
    "department_requests": department_requests,
}


def run_flow(home: Home, name: str, as_of: date, accounts: list[str] | None = None) -> Outcome:
    """Decide one rule for a day, for all accounts or for those with the given keys.

    Raises:
        NotFound: there is no such flow or account.
    """
    if name not in RULES:
        raise NotFound(f"no flow {name!r}: there are {', '.join([*RULES, 'intake'])} and `all`")
    decide = RULES[name].decide
    if accounts is None:
        return runtime.run_whole(home, name, decide, as_of)
    return runtime.run_accounts(home, name, decide, as_of, accounts)

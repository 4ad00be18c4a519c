"""Nudges for contacts behind plan."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from flows.named import described, run_name
from kamflow.rules import contact_shortfall as rule
from kamflow.store import contacts
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Open or close one nudge per person and account whose contacts lag behind the plan."""
    cells = contacts.cells(run, accounts)
    return apply(run, rule.decide(cells, run.today, run.policy), accounts)


@flow(
    name="contact-shortfall",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def contact_shortfall(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Look for contacts behind plan, and propose whom to meet."""
    return await prefect_run.run(decide, as_of, accounts)

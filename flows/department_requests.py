"""Nudges for what departments were asked for."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from flows.named import described, run_name
from kamflow.rules import department_requests as rule
from kamflow.store import requests
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Ask for what is to be delivered, and tell what was refused."""
    facts = requests.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(
    name="department-requests",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def department_requests(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Keep the lists of what departments were asked for, and follow what is late."""
    return await prefect_run.run(decide, as_of, accounts)

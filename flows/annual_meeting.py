"""Nudges, requests, briefings and calendar entries for annual meetings."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from flows.named import described, run_name
from kamflow.rules import annual_meeting as rule
from kamflow.store import meetings
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Arrange, prepare and follow up the annual meeting of each account."""
    facts = meetings.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(
    name="annual-meeting",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def annual_meeting(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Prepare annual meetings, step by step, and ask for what follows them."""
    return await prefect_run.run(decide, as_of, accounts)

"""Drafts of account plans, their milestones and their approval."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from flows.named import described, run_name
from kamflow.rules import plan_creation as rule
from kamflow.store import plans
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Create the drafts that start, and nudge for what is due in those that are in work."""
    facts = plans.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(
    name="plan-creation",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def plan_creation(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Make drafts of account plans when they start, ask for what is missing, follow their approval."""
    return await prefect_run.run(decide, as_of, accounts)

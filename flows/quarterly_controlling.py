"""Scorecards of a quarter, comments on what is behind, and the report to the head."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from flows.named import described, run_name
from kamflow.rules import quarterly_controlling as rule
from kamflow.store import controlling
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Keep the scorecards of the quarter that ended, ask for comments, send the report once it is time."""
    facts = controlling.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(
    name="quarterly-controlling",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def quarterly_controlling(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Keep the figures of the quarter that ended last, ask for comments, send the report."""
    return await prefect_run.run(decide, as_of, accounts)

"""Nudges for open measures."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from flows.named import described, run_name
from kamflow.rules import measure_followup as rule
from kamflow.store import measures
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Remind of each open measure before its date, on it and after it."""
    facts = measures.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(
    name="measure-followup",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def measure_followup(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Remind of measures from account plans that are due, or overdue."""
    return await prefect_run.run(decide, as_of, accounts)

"""Nudges for open measures."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from kamflow.rules import measure_followup as rule
from kamflow.store import measures
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Remind of each open measure before its date, on it and after it."""
    facts = measures.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(name="measure-followup", on_failure=[alert], on_crashed=[alert], on_cancellation=[alert])
async def measure_followup(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Look for measures that fall due; `accounts` are account keys, all of them by default."""
    return await prefect_run.run(decide, as_of, accounts)

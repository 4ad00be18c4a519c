"""Nudges for open measures."""

from datetime import date

from prefect import flow

from flows import runtime
from kamflow.rules import measure_followup as rule
from kamflow.store import measures
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Remind of each open measure before its date, on it and after it."""
    facts = measures.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(name="measure-followup")
async def measure_followup(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Look for measures that fall due; `accounts` are account keys, all of them by default."""
    return await runtime.run(decide, as_of, accounts)

"""Waves of surveys, their invitations and reminders, and what KAMs do about answers and silence."""

from datetime import date

from prefect import flow

from flows import prefect_run
from flows.alerts import alert
from flows.named import described, run_name
from kamflow.rules import survey_dispatch as rule
from kamflow.store import surveys
from kamflow.store.apply import apply
from kamflow.store.run import Accounts, Outcome, Run


def decide(run: Run, accounts: Accounts) -> Outcome:
    """Ask a few people of each account before its annual meeting, and tell the KAM what they said."""
    facts = surveys.facts(run, accounts)
    return apply(run, rule.decide(facts, run.today, run.policy), accounts)


@flow(
    name="survey-dispatch",
    flow_run_name=run_name,
    on_failure=[alert],
    on_crashed=[alert],
    on_cancellation=[alert],
)
@described
async def survey_dispatch(as_of: date | None = None, accounts: list[str] | None = None) -> Outcome:
    """Invite contacts to surveys where it is allowed, remind once, bring answers to the KAM."""
    return await prefect_run.run(decide, as_of, accounts)

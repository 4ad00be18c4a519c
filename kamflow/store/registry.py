"""Every rule: the query for its facts, what it decides, why it is silent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from kamflow.nudge import Decision, Silence
from kamflow.policy import Policy
from kamflow.rules import (
    annual_meeting,
    contact_shortfall,
    department_requests,
    measure_followup,
    plan_creation,
    quarterly_controlling,
    survey_dispatch,
)
from kamflow.store import contacts, controlling, measures, meetings, plans, requests, surveys
from kamflow.store.run import Accounts, Run


@dataclass(frozen=True)
class Rule:
    """Gather, decide, explain: facts are frozen values that only this rule's functions read."""

    query: Callable[[Run, Accounts], Any]
    decide: Callable[[Any, date, Policy], Decision]
    silent: Callable[[Any, date, Policy], Iterable[Silence]]


RULES: dict[str, Rule] = {
    "contact_shortfall": Rule(contacts.cells, contact_shortfall.decide, contact_shortfall.silent),
    "plan_creation": Rule(plans.facts, plan_creation.decide, plan_creation.silent),
    "quarterly_controlling": Rule(
        controlling.facts, quarterly_controlling.decide, quarterly_controlling.silent
    ),
    "annual_meeting": Rule(meetings.facts, annual_meeting.decide, annual_meeting.silent),
    "survey_dispatch": Rule(surveys.facts, survey_dispatch.decide, survey_dispatch.silent),
    "measure_followup": Rule(measures.facts, measure_followup.decide, measure_followup.silent),
    "department_requests": Rule(requests.facts, department_requests.decide, department_requests.silent),
}

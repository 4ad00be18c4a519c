"""Specialists see what KAMs need from them by when; a refusal comes back to the KAM.

In the customer's words: "Logistics gets one list a week: what for which customer date, and by when as we
agreed between the departments. They deliver or say no, and why. A no must reach the KAM, and if our goals
conflict, the boss. What nobody is in charge of, the head of the department has to see."

nudge     owner                        since, due_on                  stage                    closed by
deliver   specialist, else lead of     asked, the lead time of the    assigned, unassigned     delivered or
          department, else KAM         rules before customer date     (lead), nobody (KAM)     refused
refused   KAM                          refused, + 5 wd                the cause                word: read
conflict  superior of the KAM          refused, + 5 wd                ""                       word: decided

All close when the customer date has passed, and rest while the annual meeting they are for is cancelled.
Facts of all: request, kind (code), department, specialist, lead, kam (ids or null), customer_date (ISO date
or null), due (ISO date), lead_time (wd), agreed (the lead time stands in the rules of collaboration), short
(asked later than that). Beside them in `refused` and `conflict`: cause, refused_on. Lists are sorted by
customer_date, those without one last.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from kamflow.figures.deadline import Asked, days_after
from kamflow.figures.request_dates import RequestFacts, due, lead_time
from kamflow.nudge import ClosesBy, Decision, Nudge, Silence, subject
from kamflow.policy import Policy
from kamflow.thresholds import DepartmentRequests
from kamflow.workdays import Calendar

RULE = "department_requests"
WEIGHT = {"deliver": 30.0, "refused": 45.0, "conflict": 45.0}


class _Ask(NamedTuple):
    """What is asked of whom, and what closes it."""

    step: str
    asked: Asked
    since: date
    due_on: date
    stage: str
    why: dict[str, Any]
    more: dict[str, Any]
    closes_by: ClosesBy = "facts"


def decide(facts: Iterable[RequestFacts], today: date, policy: Policy) -> Decision:
    """Nudges for every open request, and for refusals that were not read yet."""
    found: list[Nudge] = []
    for fact in facts:
        rule = policy.of(fact.account).department_requests
        if not isinstance(asks := _look(fact, today, rule), str):
            found += [_nudge(fact, ask, rule) for ask in asks]
    return Decision(tuple(found))


def silent(facts: Iterable[RequestFacts], today: date, policy: Policy) -> Iterator[Silence]:
    """Why nothing is asked about a request."""
    for fact in facts:
        reason = _look(fact, today, policy.of(fact.account).department_requests)
        if isinstance(reason, str):
            yield Silence(
                RULE,
                subject(account=fact.account, request=fact.request),
                fact.account,
                reason,
                figures={
                    "request": fact.request,
                    "customer_date": _iso(fact.customer_date),
                    "decided_on": _iso(fact.decided_on),
                },
            )


def _look(fact: RequestFacts, today: date, policy: DepartmentRequests) -> list[_Ask] | str:
    """What is asked, or the reason to ask nothing."""
    if fact.state == "delivered":
        return "delivered"
    if fact.cancelled:
        return "meeting_cancelled"
    if fact.customer_date is not None and fact.customer_date < today:
        return "date_passed"
    if fact.state == "open":
        ask = _deliver(fact, policy)
        return "nobody_to_ask" if ask is None else [ask]
    asks = list(_refused(fact, policy))
    unread = [ask for ask in asks if not _said(fact, ask.step)]
    return unread or ("refusal_read" if asks else "nobody_to_tell")


def _deliver(fact: RequestFacts, policy: DepartmentRequests) -> _Ask | None:
    asked = fact.specialist or fact.lead or fact.kam
    if asked is None:
        return None
    stage = "assigned" if fact.specialist else "unassigned" if fact.lead else "nobody"
    why = {
        "threshold": "set_by_kam" if fact.due_on else "agreed" if fact.lead_time is not None else "default",
        "days": lead_time(fact, policy),
        "closes": "delivered_or_refused",
        "next": "lead",
        "next_after": -policy.lead_before,
        "then": "head",
        "then_after": policy.head_after,
    }
    on = due(fact, asked.calendar, policy).on
    return _Ask("deliver", asked, fact.asked_on, on, stage, why, {})


def _refused(fact: RequestFacts, policy: DepartmentRequests) -> Iterator[_Ask]:
    on = fact.decided_on or fact.asked_on
    more = {"cause": fact.cause, "refused_on": on.isoformat()}
    asks = [("refused", fact.kam, policy.read, "read", fact.cause or "")]
    if fact.cause == "conflict":
        asks.append(("conflict", fact.head, policy.conflict, "conflict_decided", ""))
    for step, asked, days, closes, stage in asks:
        if asked is not None:
            why = {"threshold": "refused", "days": days, "closes": closes, "next": "nobody"}
            due_on = days_after(on, days, asked.calendar, fact.quiet)
            yield _Ask(step, asked, on, due_on, stage, why, more, "word")


def _said(fact: RequestFacts, step: str) -> bool:
    """Whether this refusal was read, not only an earlier one of the same request."""
    said = fact.read.get(step)
    return said is not None and (fact.decided_on is None or said >= fact.decided_on)


def _nudge(fact: RequestFacts, ask: _Ask, policy: DepartmentRequests) -> Nudge:
    return Nudge(
        rule=RULE,
        subject=subject(account=fact.account, request=fact.request),
        # The request itself: its customer date can move.
        period=str(fact.request),
        step=ask.step,
        account=fact.account,
        owner=ask.asked.person,
        since=ask.since,
        due_on=ask.due_on,
        facts=_facts(fact, ask.asked.calendar, policy) | ask.more,
        why=ask.why,
        group=f"{RULE}:{subject(person=ask.asked.person)}",
        weight=WEIGHT[ask.step],
        stage=ask.stage,
        closes_by=ask.closes_by,
    )


def _facts(fact: RequestFacts, calendar: Calendar, policy: DepartmentRequests) -> dict[str, Any]:
    by = due(fact, fact.specialist.calendar if fact.specialist else calendar, policy)
    return {
        "request": fact.request,
        "kind": fact.kind,
        "department": fact.department,
        "specialist": _id(fact.specialist),
        "lead": _id(fact.lead),
        "kam": _id(fact.kam),
        "customer_date": _iso(fact.customer_date),
        "due": by.on.isoformat(),
        "lead_time": lead_time(fact, policy),
        "agreed": fact.lead_time is not None,
        "short": by.short,
    }


def _id(asked: Asked | None) -> int | None:
    return asked.person if asked else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""By when a department delivers: the lead time agreed in the rules of collaboration [Spielregeln]."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from kamflow.figures.deadline import Asked, days_after, days_before
from kamflow.thresholds import DepartmentRequests
from kamflow.workdays import Calendar, Quiet

RequestState = Literal["open", "delivered", "refused"]
Cause = Literal["capacity", "conflict", "not_ours", "missing_data"]


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a KAM needs from a department, for an open account.

    `asked_on`: the day on which it was asked. `lead_time`: wd agreed for this department and kind, None
    where nothing is agreed. `due_on`: only where the KAM set it by hand; a date that follows from the
    customer date is left to the rule, so that it moves with it. `customer_date` is None where there is none.
    `specialist`, `lead` (of the department), `kam`, `head` (superior of the KAM, else a head of KAM): None
    where nobody is named or who is named has left. `read`: steps closed by word (refused, conflict) and
    when; what was said of an earlier refusal does not count. `cancelled`: it is for an annual meeting whose
    rounds were all cancelled.
    """

    request: int
    account: int
    kind: str
    asked_on: date
    quiet: Quiet
    department: int | None = None
    specialist: Asked | None = None
    lead: Asked | None = None
    kam: Asked | None = None
    head: Asked | None = None
    customer_date: date | None = None
    lead_time: int | None = None
    due_on: date | None = None
    state: RequestState = "open"
    cause: Cause | None = None
    decided_on: date | None = None
    read: Mapping[str, date] = field(default_factory=dict)
    cancelled: bool = False


class Due(NamedTuple):
    """By when, and whether it was asked later than the lead time allows."""

    on: date
    short: bool


def due(fact: RequestFacts, calendar: Calendar, policy: DepartmentRequests) -> Due:
    """By when the asked person delivers, counted in their own working days.

    Asked too late for the lead time, they have a few days, at most until the last one before the customer
    date. Without a customer date the lead time counts from the day it was asked.
    """
    if fact.due_on is not None:
        return Due(fact.due_on, short=False)
    days = lead_time(fact, policy)
    if fact.customer_date is None:
        return Due(days_after(fact.asked_on, days, calendar, fact.quiet), short=False)
    agreed = days_before(fact.customer_date, days, calendar, fact.quiet)
    soonest = calendar.add(fact.asked_on, policy.short_notice)
    last = calendar.add(fact.customer_date, -1)
    on = max(agreed, fact.asked_on, min(soonest, last))
    return Due(on, short=on > agreed)


def lead_time(fact: RequestFacts, policy: DepartmentRequests) -> int:
    """Working days the department needs, as agreed or by default."""
    return policy.lead_time if fact.lead_time is None else fact.lead_time

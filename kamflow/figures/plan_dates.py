"""When an account plan is started and handed in, and the seven steps in between.

"wd" are working days of the person who is asked, absences and quiet weeks left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kamflow.periods import Period
from kamflow.thresholds import PlanCreation
from kamflow.workdays import Calendar, Quiet, with_absences

Limit = Literal["budget", "meeting"]
STEPS = (1, 2, 3, 4, 5, 6, 7)
POSITION, MEASURES = 4, 6


@dataclass(frozen=True, slots=True)
class Order:
    """What it takes to place one hand-in among those of the same person.

    `fixed` is the date that was fixed when the draft was created; `policy` counts for its account.
    """

    account: int
    year: Period
    meeting: date | None
    weight: float
    fixed: date | None
    policy: PlanCreation


def start(year: Period, policy: PlanCreation) -> date:
    """First day of planning a fiscal year: 1 July for calendar years."""
    return year.first - timedelta(days=policy.starts_before)


def limit(year: Period, meeting: date | None, calendar: Calendar, policy: PlanCreation) -> tuple[Limit, date]:
    """The latest hand-in: the budget date, or some wd before a meeting if that is earlier.

    A meeting counts only where it leaves time to write: at least `meeting_counts_after` wd after the start.
    """
    budget = year.first - timedelta(days=policy.budget_before)
    begin = start(year, policy)
    if meeting is not None and calendar.count(begin, meeting) >= policy.meeting_counts_after:
        before = calendar.add(meeting, -policy.before_meeting)
        if before < budget:
            return "meeting", before
    return "budget", budget


def hand_ins(
    orders: Iterable[Order],
    calendar: Calendar,
    quiet: Quiet,
    begun: date | None = None,
) -> dict[tuple[int, Period], date]:
    """Hand-in dates of one person, by account and year.

    They step back by `stagger` wd each from the last wd on or before the limit, the heaviest account
    first in time, none in quiet weeks. Those already fixed keep their date and their distance. After
    kamflow went live (`begun`) there is time for the first of them.
    """
    orders = list(orders)
    taken = [order.fixed for order in orders if order.fixed is not None]
    dates = {(order.account, order.year): order.fixed for order in orders if order.fixed is not None}
    free = [order for order in orders if order.fixed is None]
    for order in sorted(free, key=lambda order: _latest_first(order, calendar)):
        day = _place(order, calendar, quiet, taken)
        if begun is not None:
            day = max(day, _earliest(order, calendar, quiet, begun))
        taken.append(day)
        dates[order.account, order.year] = day
    return dates


def _place(order: Order, calendar: Calendar, quiet: Quiet, taken: Sequence[date]) -> date:
    first, policy = order.year.first.year, order.policy
    spans = quiet.spans(range(first - 2, first + 1))
    latest, begin = limit(order.year, order.meeting, calendar, policy)[1], start(order.year, policy)
    day = _step_back(latest, taken, with_absences(calendar, spans), policy.stagger)
    if day > begin:
        return day
    # Away all the time between start and limit, or more plans than weeks: dates as if nobody were
    # away, none before the start. Whoever stands in or takes over finds one that can be kept.
    here = Calendar(calendar.weekdays, calendar.regions, frozenset(spans), calendar.half_days)
    day = _step_back(latest, taken, here, policy.stagger)
    return day if day > begin else here.add(begin, policy.stagger)


def _earliest(order: Order, calendar: Calendar, quiet: Quiet, begun: date) -> date:
    """Some weeks after going live, but on the limit where that comes first and is still to come."""
    first, policy = order.year.first.year, order.policy
    busy = with_absences(calendar, quiet.spans(range(first - 2, first + 1)))
    latest = busy.on_or_before(limit(order.year, order.meeting, calendar, policy)[1])
    day = busy.add(begun, policy.after_go_live)
    return min(day, latest) if latest >= begun else day


def _latest_first(order: Order, calendar: Calendar) -> tuple[int, float, int]:
    latest = limit(order.year, order.meeting, calendar, order.policy)[1]
    return -latest.toordinal(), order.weight, order.account


def _step_back(limit: date, taken: Sequence[date], calendar: Calendar, stagger: int) -> date:
    day = calendar.on_or_before(limit)
    while near := [other for other in taken if abs(calendar.between(other, day)) < stagger]:
        day = calendar.add(min(near), -stagger)
    return day


def milestones(begin: date, hand_in: date, calendar: Calendar) -> dict[int, date]:
    """Due days of the seven steps, evenly spread; the last one is the hand-in."""
    days = calendar.count(begin, hand_in)
    before = begin - timedelta(days=1)
    dates = {step: calendar.add(before, max(1, round(days * step / len(STEPS)))) for step in STEPS}
    return {step: min(day, hand_in) for step, day in dates.items()} | {len(STEPS): hand_in}

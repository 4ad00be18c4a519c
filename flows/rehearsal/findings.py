"""What a rehearsal showed, ready for a table, JSON or a page.

In works-council mode nothing is said of one person: load is shown per role, of at least five people; roles
with fewer are put together.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from flows.rehearsal.load import Row, load, monday
from flows.rehearsal.meetings import Meetings, meetings
from flows.rehearsal.record import Record
from flows.runtime import Home
from kamflow.models.nudge import StoredEffect, StoredNudge
from kamflow.models.plan import AccountPlan
from kamflow.store import calendars
from kamflow.store.carrying import Carried
from kamflow.store.open_nudges import ENOUGH_PEOPLE

STEPS = 7  # of making a plan: with fewer working days not every step has one
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Sum:
    """What happened in a month, or in all."""

    opened: int = 0
    closed: int = 0
    told: int = 0
    messages: int = 0
    over: int = 0


@dataclass(frozen=True)
class Plans:
    """Account plans. `late`: handed in before they are begun; `tight`: fewer working days than steps."""

    created: int = 0
    late: int = 0
    tight: int = 0


@dataclass(frozen=True)
class Rehearsed:
    """All that a rehearsal showed. `days_over`: day -> people whose budget was spent, items waiting;
    `days_of_few`: days on which they were too few to say how many."""

    first: date
    last: date
    people: str
    items_a_day: int
    council: bool
    carried: Carried
    total: Sum
    months: Mapping[str, Sum]
    rules: Mapping[str, Sum]
    weeks: tuple[date, ...]
    load: tuple[Row, ...]
    hidden: int
    days_over: Mapping[date, tuple[int, int]]
    days_of_few: int
    approvals: Mapping[date, int]
    hand_ins: Mapping[date, int]
    plans: Plans
    meetings: Meetings
    surveys: Mapping[int, int]
    quiet_weeks: tuple[date, ...]
    open: int
    overdue: int


def found(session: Session, record: Record, home: Home) -> Rehearsed:
    """Put together what was recorded and what is left in the copy."""
    weeks = tuple(_weeks(record))
    rows, hidden = load(session, record, home, weeks)
    busy = {monday(day) for _, day in record.messages}
    nudge, over = StoredNudge, _days_over(record)
    shown = ENOUGH_PEOPLE if home.settings.works_council else 1
    living = select(func.count()).select_from(nudge).where(col(nudge.closed_at).is_(None))
    return Rehearsed(
        first=record.first,
        last=record.last,
        people="diligent" if record.diligent else "idle",
        items_a_day=home.policy.cadence.items,
        council=home.settings.works_council,
        carried=record.carried,
        total=_total(record),
        months=_months(record),
        rules=_rules(record),
        weeks=weeks,
        load=rows,
        hidden=hidden,
        days_over={day: counts for day, counts in over.items() if counts[0] >= shown},
        days_of_few=sum(people < shown for people, _ in over.values()),
        approvals=_approvals(session, record),
        hand_ins=_hand_ins(session, record),
        plans=_plans(session, record, home),
        meetings=meetings(session, record, home),
        surveys=_surveys(session, record),
        quiet_weeks=tuple(week for week in weeks if week not in busy),
        open=session.execute(living).scalar_one(),
        overdue=session.execute(living.where(col(nudge.due_on) < record.last)).scalar_one(),
    )


def _weeks(record: Record) -> Iterable[date]:
    week = monday(record.first)
    while week <= record.last:
        yield week
        week += _WEEK


def _total(record: Record) -> Sum:
    return _sum(record, lambda _: True)


def _months(record: Record) -> dict[str, Sum]:
    days = sorted({day for day, _ in record.runs})
    names = dict.fromkeys(f"{day:%Y-%m}" for day in days)
    return {name: _sum(record, lambda day, name=name: f"{day:%Y-%m}" == name) for name in names}


def _sum(record: Record, within: Any) -> Sum:
    runs = [outcome for (day, _), outcome in record.runs.items() if within(day)]
    return Sum(
        opened=sum(each.opened for each in runs),
        closed=sum(each.closed for each in runs),
        told=_count(record.told, within),
        messages=_count(record.messages, within),
        over=_count(record.over, within),
    )


def _count(counts: Counter[tuple[int, date]], within: Any) -> int:
    return sum(count for (_, day), count in counts.items() if within(day))


def _rules(record: Record) -> dict[str, Sum]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for (_, rule), outcome in record.runs.items():
        found[rule].append(outcome)
    return {
        rule: Sum(opened=sum(each.opened for each in runs), closed=sum(each.closed for each in runs))
        for rule, runs in found.items()
    }


def _days_over(record: Record) -> dict[date, tuple[int, int]]:
    found: defaultdict[date, list[int]] = defaultdict(list)
    for (_, day), count in record.over.items():
        found[day].append(count)
    return {day: (len(counts), sum(counts)) for day, counts in sorted(found.items())}


def _approvals(session: Session, record: Record) -> dict[date, int]:
    """How many plans came to be approved, by day."""
    nudge = StoredNudge
    rows = session.execute(
        select(col(nudge.opened_on), func.count())
        .where(col(nudge.rule) == "plan_creation", col(nudge.step) == "approve")
        .where(col(nudge.id) > record.begun["nudge"])
        .group_by(col(nudge.opened_on))
        .order_by(col(nudge.opened_on))
    )
    return dict(rows.tuples().all())


def _hand_ins(session: Session, record: Record) -> dict[date, int]:
    """How many plans are to be handed in, by day."""
    plan = AccountPlan
    rows = session.execute(
        select(col(plan.hand_in_on), func.count())
        .where(col(plan.hand_in_on) >= record.first, col(plan.hand_in_on) <= record.last)
        .group_by(col(plan.hand_in_on))
        .order_by(col(plan.hand_in_on))
    )
    return {day: count for day, count in rows if day is not None}


def _plans(session: Session, record: Record, home: Home) -> Plans:
    effect = StoredEffect
    rows = session.execute(
        select(col(effect.facts), col(effect.as_of)).where(
            col(effect.name) == "create_plan", col(effect.id) > record.begun["effect"]
        )
    ).all()
    company = calendars.company_calendar(home.settings.company)
    left = [company.count(day, date.fromisoformat(facts["hand_in"])) for facts, day in rows]
    late = sum(date.fromisoformat(facts["hand_in"]) <= day for facts, day in rows)
    return Plans(created=len(rows), late=late, tight=sum(days < STEPS for days in left) - late)


def _surveys(session: Session, record: Record) -> dict[int, int]:
    """How many contacts are asked once, twice …"""
    effect = StoredEffect
    rows = session.execute(
        select(col(effect.facts)).where(col(effect.name) == "invite", col(effect.id) > record.begun["effect"])
    ).scalars()
    asked = Counter(facts["contact"] for facts in rows if "contact" in facts)
    return dict(sorted(Counter(asked.values()).items()))

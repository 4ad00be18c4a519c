"""Carry a year forward: what a rehearsed year needs that nobody has entered yet.

Contact targets of an account that has none in a fiscal year are those of its last one. A planned month is
that of the last annual meeting. Where the rehearsal begins in the future, all that lies before it counts as
having gone to plan: every account that has plans has an approved one for the running year, measures are done,
booked contacts were held.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, insert, or_, select, update
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Interaction, InteractionState
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan, Measure, PlanState
from kamflow.periods import Period, fiscal_year, quarters
from kamflow.settings import Company
from kamflow.thresholds import PlanCreation

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Carried:
    """How many rows were carried forward."""

    targets: int = 0
    plans: int = 0
    months: int = 0


class _Target(NamedTuple):
    account: int
    person: int
    place: int
    first: date
    last: date
    soll: int
    topic: str | None


def forward(
    session: Session, today: date, first: date, last: date, company: Company, policy: PlanCreation
) -> Carried:
    """Make the days from first to last a year like the last one; `today` is the company's real day."""
    years = list(_years(first, last, company))
    begin = datetime.combine(first, time(), UTC)
    if first > today:
        _as_planned(session, today, first)
    return Carried(
        targets=sum(_targets(session, year, company) for year in years),
        plans=_plans(session, years[0], begin, policy) if first > today else 0,
        months=_months(session, years[0]),
    )


def _years(first: date, last: date, company: Company) -> Iterator[Period]:
    day = first
    while day <= last:
        year = fiscal_year(day, company.fiscal_year_start, company.fiscal_year_changes)
        yield year
        day = year.last + _DAY


def _targets(session: Session, year: Period, company: Company) -> int:
    known = list(_known(session))
    ready = {each.account for each in known if each.first >= year.first and each.last <= year.last}
    newest: dict[int, Period] = {}
    by_year: defaultdict[tuple[int, Period], list[_Target]] = defaultdict(list)
    for each in known:
        own = fiscal_year(each.first, company.fiscal_year_start, company.fiscal_year_changes)
        if each.account in ready or own.first >= year.first or each.last > own.last:
            continue
        by_year[each.account, own].append(each)
        newest[each.account] = max(own, newest.get(each.account, own))
    rows = [
        _moved(each, period)
        for account, own in newest.items()
        for each in by_year[account, own]
        if (period := _same(each, own, year)) is not None
    ]
    if rows:
        session.execute(insert(ContactTarget), rows)
    return len(rows)


def _known(session: Session) -> Iterator[_Target]:
    """Every target that did not end before its period did."""
    target = ContactTarget
    rows = session.execute(
        select(
            col(Place.account_id),
            col(target.person_id),
            col(target.place_id),
            col(target.period_first),
            col(target.period_last),
            col(target.soll),
            col(target.topic),
        )
        .join(Place, col(Place.id) == col(target.place_id))
        .join(Person, col(Person.id) == col(target.person_id))
        .where(or_(col(target.until_day).is_(None), col(target.until_day) >= col(target.period_last)))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) > col(target.period_last)))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) > col(target.period_last)))
        .order_by(col(target.id))
    )
    return map(_Target._make, rows)


def _same(target: _Target, own: Period, year: Period) -> Period | None:
    """The period of `year` that a target's period is in its own: the year, or one of the quarters."""
    period = Period(target.first, target.last)
    pairs = zip((own, *quarters(own)), (year, *quarters(year)), strict=False)
    return next((there for here, there in pairs if here == period), None)


def _moved(target: _Target, period: Period) -> dict[str, Any]:
    return {
        "person_id": target.person,
        "place_id": target.place,
        "period_first": period.first,
        "period_last": period.last,
        "soll": target.soll,
        "topic": target.topic,
    }


def _as_planned(session: Session, today: date, first: date) -> None:
    met, measure = Interaction, Measure
    session.execute(
        update(met)
        .where(col(met.state) == InteractionState.BOOKED, col(met.day) >= today, col(met.day) < first)
        .values(state=InteractionState.HELD)
    )
    session.execute(
        update(measure)
        .where(col(measure.done_on).is_(None), col(measure.due_on) < first)
        .values(done_on=col(measure.due_on))
    )


def _plans(session: Session, year: Period, now: datetime, policy: PlanCreation) -> int:
    """The plans of the year that runs as the rehearsal begins, of every account that has plans."""
    plan, account = AccountPlan, Account
    begun = session.execute(
        update(plan)
        .where(col(plan.year_first) == year.first, col(plan.state) != PlanState.APPROVED)
        .values(state=PlanState.APPROVED, submitted_at=now, decided_at=now)
        .returning(col(plan.id))
    ).all()
    have = select(col(plan.account_id)).where(col(plan.year_first) == year.first)
    classes = (*policy.key_classes, *policy.short_classes)
    without = session.execute(
        select(col(account.id), col(account.account_class))
        .where(col(account.account_class).in_(classes), col(account.id).not_in(have))
        .where(or_(col(account.closed_on).is_(None), col(account.closed_on) > year.first))
    )
    rows = [
        {
            "account_id": number,
            "year_first": year.first,
            "year_last": year.last,
            "form": "key" if found in policy.key_classes else "short",
            "state": PlanState.APPROVED,
            "imported": True,
            "decided_at": now,
        }
        for number, found in without
    ]
    if rows:
        session.execute(insert(plan), rows)
    return len(begun) + len(rows)


def _months(session: Session, year: Period) -> int:
    """The month of the last meeting, where no month is planned and none is in the first year."""
    newest = session.execute(
        select(col(AnnualMeeting.account_id), func.max(col(MeetingRound.day)))
        .join(MeetingRound, col(MeetingRound.meeting_id) == col(AnnualMeeting.id))
        .join(Account, col(Account.id) == col(AnnualMeeting.account_id))
        .where(col(Account.meeting_month).is_(None), col(MeetingRound.number) == 1)
        .where(col(MeetingRound.state) != "cancelled", col(MeetingRound.day).is_not(None))
        .group_by(col(AnnualMeeting.account_id))
    ).all()
    found = [(account, day.month) for account, day in newest if day < year.first]
    for account, month in found:
        session.execute(update(Account).where(col(Account.id) == account).values(meeting_month=month))
    return len(found)

"""What the customer bought, by product group and fiscal year: actual revenue alone, no goal and no margin."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, cast

from sqlalchemy import Table, func, select
from sqlmodel import Session

from kamflow.documents.customer_folder import Figures, Revenue
from kamflow.models.revenue import RevenueEntry, RevenueKind
from kamflow.periods import Period, fiscal_year
from kamflow.settings import Company
from kamflow.store import families

ENTRY = cast("Table", RevenueEntry.__table__)  # pyright: ignore[reportAttributeAccessIssue]
DAY, MONTH = timedelta(days=1), timedelta(days=31)
YEARS = 3


class _Sums(NamedTuple):
    groups: dict[str, Decimal]
    until: date | None

    @property
    def total(self) -> Decimal | None:
        return sum(self.groups.values(), Decimal()) if self.groups else None


_NOTHING = _Sums({}, None)


def figures(session: Session, account: int, day: date, today: date, company: Company) -> Figures:
    """The fiscal year of a meeting and the two before it, as far as they have begun; sites count too.

    A year that began before the company's data did is unknown: half a year would look like half the revenue.
    """
    years, since = _years(min(day, today), company), first_day(session)
    found = [
        _sums(session, account, Period(each.first, min(each.last, today))) if whole(each, since) else _NOTHING
        for each in years
    ]
    until = max((each.until for each in found if each.until), default=None)
    running = until is not None and until in years[-1] and today <= years[-1].last
    names = {name for each in found for name in each.groups}
    order = sorted(names, key=lambda name: (not name, -max(each.groups.get(name, 0) for each in found), name))
    return Figures(
        tuple(map(_called, years)),
        tuple(Revenue(name, tuple(each.groups.get(name) for each in found)) for name in order),
        Revenue("", tuple(each.total for each in found)) if names else None,
        running,
        _same_days(session, account, years, until) if running and until and whole(years[-2], since) else None,
        until,
    )


def first_day(session: Session) -> date | None:
    """The first day of which the company's revenue is known."""
    query = select(func.min(ENTRY.c.day)).where(ENTRY.c.kind == RevenueKind.ACTUAL)
    return session.execute(query).scalar_one()


def whole(year: Period, since: date | None) -> bool:
    """Whether the data reach back to the first month of a year: a month may be posted on its last day."""
    return since is not None and since <= year.first + MONTH


def _same_days(session: Session, account: int, years: list[Period], until: date) -> Decimal | None:
    """What the running year's days came to a year earlier."""
    leap = (until.month, until.day) == (2, 29)
    earlier = until.replace(year=until.year - 1, day=28 if leap else until.day)
    before = years[-2]
    return _sums(session, account, Period(before.first, earlier)).total if earlier in before else None


def _years(day: date, company: Company) -> list[Period]:
    found = [fiscal_year(day, company.fiscal_year_start, company.fiscal_year_changes)]
    while len(found) < YEARS:
        before = found[0].first - DAY
        found.insert(0, fiscal_year(before, company.fiscal_year_start, company.fiscal_year_changes))
    return found


def _sums(session: Session, account: int, period: Period) -> _Sums:
    family, entry = families.below([account]), ENTRY.c
    rows = session.execute(
        select(entry.product_group, func.sum(entry.amount), func.max(entry.day))
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(entry.kind == RevenueKind.ACTUAL, entry.day >= period.first, entry.day <= period.last)
        .group_by(entry.product_group)
    )
    groups: defaultdict[str, Decimal] = defaultdict(Decimal)
    days: list[date] = []
    for group, amount, day in rows:
        groups[group or ""] += amount
        days.append(day)
    return _Sums(dict(groups), max(days, default=None))


def _called(year: Period) -> str:
    first, last = year.first.year, year.last.year
    return f"{first}" if first == last else f"{first}/{last % 100:02d}"

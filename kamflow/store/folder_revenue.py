"""What the customer bought, by product group and fiscal year: actual revenue alone, no goal and no margin."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, cast

from sqlalchemy import Table, func, select
from sqlmodel import Session

from kamflow.documents.customer_folder.pages import Figures, Revenue
from kamflow.models.revenue import RevenueEntry, RevenueKind
from kamflow.periods import Period, fiscal_year
from kamflow.settings import Company
from kamflow.store import families, folder_months
from kamflow.store.folder_months import Months, a_year_earlier

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
    For the same reason a year to which the data do not reach is running, whatever day it is.
    """
    known, since = folder_months.known_until(session, today), first_day(session)
    years = _years(min(day, known), company)
    found = [
        _sums(session, account, Period(each.first, min(each.last, today))) if whole(each, since) else _NOTHING
        for each in years
    ]
    until = max((each.until for each in found if each.until), default=None)
    running = until is not None and until in years[-1] and not folder_months.complete(years[-1], known)
    months = _months(session, account, years[-1], until, since) if running and until else None
    now, before = months.of(None) if months else (None, None)
    names = {name for each in found for name in each.groups}
    order = sorted(names, key=lambda name: (not name, -max(each.groups.get(name, 0) for each in found), name))
    return Figures(
        tuple(map(_called, years)),
        tuple(Revenue(name, tuple(each.groups.get(name) for each in found)) for name in order),
        Revenue("", tuple(each.total for each in found)) if names else None,
        running,
        until,
        months.last if months else None,
        now,
        before,
    )


def first_day(session: Session) -> date | None:
    """The first day of which the company's revenue is known."""
    query = select(func.min(ENTRY.c.day)).where(ENTRY.c.kind == RevenueKind.ACTUAL)
    return session.execute(query).scalar_one()


def whole(year: Period, since: date | None) -> bool:
    """Whether the data reach back to the first month of a year: a month may be posted on its last day."""
    return since is not None and since <= year.first + MONTH


def _months(session: Session, account: int, year: Period, until: date, since: date | None) -> Months | None:
    """The whole months of the running year against those a year earlier, where the data reach so far."""
    earlier = Period(a_year_earlier(year.first), a_year_earlier(year.last))
    return folder_months.compared(session, account, year.first, until) if whole(earlier, since) else None


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

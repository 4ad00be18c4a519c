"""The running year against the year before, by whole months: for the account plan and for the customer.

Some companies post every day, some once a month, on the first, the last or any working day. What is right for
all of them: the months that are complete, in both years. The month of the last posting is complete if that
posting lies on its last weekday or later, or if the same month of the year before had its last posting no
later in the month; else the months before it are compared. The 29 February belongs to its month.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple, cast

from sqlalchemy import Table, func, select
from sqlmodel import Session

from kamflow.models.revenue import RevenueEntry, RevenueKind
from kamflow.periods import Period
from kamflow.store import families

ENTRY = cast("Table", RevenueEntry.__table__)  # pyright: ignore[reportAttributeAccessIssue]
DAY, FRIDAY = timedelta(days=1), 4


class Posted(NamedTuple):
    """What was posted of a product group ("" is none) on a day."""

    group: str
    day: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Months:
    """What the whole months until `last` came to by product group: of the running year, a year earlier."""

    last: date
    now: dict[str, Decimal]
    then: dict[str, Decimal]

    def of(self, group: str | None) -> tuple[Decimal | None, Decimal | None]:
        """Now and then of a product group, of all for None."""
        if group is not None:
            return self.now.get(group), self.then.get(group)
        return _total(self.now), _total(self.then)


def compared(session: Session, account: int, first: date, until: date) -> Months | None:
    """The year that began on `first` and was last posted to on `until`; None before a month is complete."""
    return months(
        _posted(session, account, Period(first, until)),
        _posted(session, account, Period(a_year_earlier(first), month_end(_same_month(until)))),
        first,
        until,
    )


def known_until(session: Session, today: date) -> date:
    """The last day of which anything is known of the company's revenue: figures may lag behind today."""
    query = select(func.max(ENTRY.c.day)).where(ENTRY.c.kind == RevenueKind.ACTUAL, ENTRY.c.day <= today)
    return session.execute(query).scalar_one() or today


def complete(year: Period, known: date) -> bool:
    """Whether what is known goes to the end of a year."""
    return known >= _last_weekday(year.last)


def months(now: Iterable[Posted], then: Iterable[Posted], first: date, until: date) -> Months | None:
    """Both years by the months that are complete; `then` goes to the end of the month of `until`."""
    then = list(then)
    last = _last_complete(until, then)
    if last < first:
        return None
    earlier = month_end(_same_month(last))
    return Months(last, _sums(now, last), _sums(then, earlier))


def a_year_earlier(day: date) -> date:
    """The same day a year earlier; the 28th of February for the 29th."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _same_month(day: date) -> date:
    """The first of the same month a year earlier."""
    return day.replace(year=day.year - 1, day=1)


def _last_complete(until: date, then: Iterable[Posted]) -> date:
    end, month = month_end(until), _same_month(until)
    before = [each.day.day for each in then if each.day >= month]
    if until >= _last_weekday(end) or (before and max(before) <= until.day):
        return end
    return until.replace(day=1) - DAY


def _last_weekday(end: date) -> date:
    return end - DAY * max(end.weekday() - FRIDAY, 0)


def _posted(session: Session, account: int, period: Period) -> list[Posted]:
    family, entry = families.below([account]), ENTRY.c
    rows = session.execute(
        select(entry.product_group, entry.day, func.sum(entry.amount))
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(entry.kind == RevenueKind.ACTUAL, entry.day >= period.first, entry.day <= period.last)
        .group_by(entry.product_group, entry.day)
    )
    return [Posted(group or "", day, amount) for group, day, amount in rows]


def _sums(posted: Iterable[Posted], until: date) -> dict[str, Decimal]:
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in posted:
        if each.day <= until:
            found[each.group] += each.amount
    return dict(found)


def _total(amounts: dict[str, Decimal]) -> Decimal | None:
    return sum(amounts.values(), Decimal()) if amounts else None

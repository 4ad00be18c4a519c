"""Revenue of a fiscal year, month by month or quarter by quarter, with its target and the year before.

A part of a year without an entry is unknown, never 0. Sites below an account count. Where the figures were
posted once a quarter, quarters are shown: a quarter's sum in one of three months would be no month's revenue.
Of a part that runs, or was not posted to its end, `until` says how far it reaches: it is not compared.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias, cast

from sqlalchemy import Table, and_, extract, func, or_, select
from sqlmodel import Session

from kamflow.figures.quarter_dates import part_of_year
from kamflow.models.revenue import RevenueEntry, RevenueKind
from kamflow.periods import Period, fiscal_year, quarters
from kamflow.settings import Company
from kamflow.store import families, goals

ENTRY = cast("Table", RevenueEntry.__table__)  # pyright: ignore[reportAttributeAccessIssue]
ACTUAL, TARGET = RevenueKind.ACTUAL.value, RevenueKind.TARGET.value
Month: TypeAlias = tuple[int, int]
OURS = "kamflow"


class _Sum(NamedTuple):
    """The entries of one kind, source and month."""

    kind: str
    source: str
    month: Month
    amount: Decimal
    day: date


class _Part(NamedTuple):
    """A part of a year: its sum, the newest entry, and who says so."""

    amount: Decimal
    as_of: date | None
    sources: frozenset[str]


def of_accounts(
    session: Session, accounts: Collection[int], today: date, company: Company
) -> dict[int, list[dict[str, Any]]]:
    """One line per account with revenue in the running fiscal year, or else in the one before it."""
    running = fiscal_year(today, company.fiscal_year_start, company.fiscal_year_changes)
    last = fiscal_year(
        running.first - timedelta(days=1), company.fiscal_year_start, company.fiscal_year_changes
    )
    yearly = {year: goals.yearly(session, frozenset(accounts), year) for year in (running, last)}
    found: dict[int, list[dict[str, Any]]] = {}
    for account, sums in _sums(session, accounts, last, running, today).items():
        for year in (running, last):
            if any(each.kind == ACTUAL and each.month in set(_months(year)) for each in sums):
                goal = yearly[year].get((account, "revenue"))
                found[account] = [_line(sums, year, goal, today)]
                break
    return found


def _sums(
    session: Session, accounts: Collection[int], last: Period, running: Period, today: date
) -> dict[int, list[_Sum]]:
    family, entry = families.below(accounts), ENTRY.c
    year, month = extract("year", entry.day), extract("month", entry.day)
    told = or_(and_(entry.kind == ACTUAL, entry.day <= today), entry.kind == TARGET)
    rows = session.execute(
        select(
            family.c.root, entry.kind, entry.source, year, month, func.sum(entry.amount), func.max(entry.day)
        )
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(told, entry.day >= _earlier(last.first), entry.day <= running.last)
        .group_by(family.c.root, entry.kind, entry.source, year, month)
    )
    found: defaultdict[int, list[_Sum]] = defaultdict(list)
    for root, kind, source, its_year, its_month, amount, day in rows:
        found[root].append(_Sum(kind, source, (int(its_year), int(its_month)), amount, day))
    return found


def _line(sums: list[_Sum], year: Period, goal: Decimal | None, today: date) -> dict[str, Any]:
    sold, aimed = _by_quarter(sums, year)
    parts = quarters(year) if sold or aimed else _by_month(year)
    actual = [_part(sums, ACTUAL, _months(part)) for part in parts]
    before = [_part(sums, ACTUAL, [(y - 1, m) for y, m in _months(part)]) for part in parts]
    target = [_part(sums, TARGET, _months(part)) for part in parts]
    if goal is not None and not any(target):
        # On which day a goal was set is not known.
        target = [_Part(part_of_year(goal, part, year), None, frozenset({OURS})) for part in parts]
    until = [_until(sums, part, today, whole_quarters=sold) for part in parts]
    return {
        "series": "revenue",
        "unit": "quarter" if sold or aimed else "month",
        "first": year.first.isoformat(),
        "last": year.last.isoformat(),
        "parts": [
            {
                "first": part.first.isoformat(),
                "last": part.last.isoformat(),
                "actual": _plain(one),
                "target": _plain(aim),
                "before": _plain(past),
                "as_of": one.as_of.isoformat() if one and one.as_of else None,
                "until": last.isoformat() if last else None,
            }
            for part, one, aim, past, last in zip(parts, actual, target, before, until, strict=True)
        ],
        "actual": _origin(actual),
        "target": _origin(target),
        "before": _origin(before),
    }


def _until(sums: Iterable[_Sum], part: Period, today: date, *, whole_quarters: bool) -> date | None:
    """Until when a part was posted; None where that is to its end, or not at all.

    A month that is over is posted, on whatever day of it the entries stand. A quarter's sum that is posted
    at once (`whole_quarters`) is its whole one when the quarter is over.
    """
    months = _months(part)
    newest = max((each.day for each in sums if each.kind == ACTUAL and each.month in months), default=None)
    if newest is None or newest >= part.last:
        return None
    month = next(each for each in _by_month(part) if newest in each)
    if month.last >= today:
        return newest
    return None if month.last == part.last or (whole_quarters and part.last < today) else month.last


def _by_quarter(sums: list[_Sum], year: Period) -> tuple[bool, bool]:
    """Whether what was sold, and whether targets stand in one month of each quarter only."""
    aimed = {each.month for each in sums if each.kind == TARGET} & set(_months(year))
    sold = {each.month for each in sums if each.kind == ACTUAL}
    calendar = [_months(part) for part in quarters(year)]
    calendar += [[(y - 1, m) for y, m in months] for months in calendar]

    def hit(months: set[Month]) -> int:
        return sum(bool(months.intersection(part)) for part in calendar)

    return len(sold) == hit(sold) > 1, len(aimed) == hit(aimed) > 0


def _part(sums: Iterable[_Sum], kind: str, months: Collection[Month]) -> _Part | None:
    found = [each for each in sums if each.kind == kind and each.month in months]
    if not found:
        return None
    total = sum((each.amount for each in found), Decimal())
    return _Part(total, max(each.day for each in found), frozenset(each.source for each in found))


def _origin(parts: Iterable[_Part | None]) -> dict[str, Any] | None:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    sources = sorted({source for part in known for source in part.sources})
    newest = max((part.as_of for part in known if part.as_of), default=None)
    return {"as_of": newest.isoformat() if newest else None, "source": ", ".join(sources)}


def _by_month(year: Period) -> list[Period]:
    firsts = [date(y, m, 1) for y, m in _months(year)]
    ends = [each - timedelta(days=1) for each in firsts[1:]]
    return list(map(Period, firsts, [*ends, year.last]))


def _months(period: Period) -> list[Month]:
    begin = period.first.year * 12 + period.first.month - 1
    end = period.last.year * 12 + period.last.month - 1
    return [(number // 12, number % 12 + 1) for number in range(begin, end + 1)]


def _earlier(first: date) -> date:
    return date(first.year - 1, first.month, 1)


def _plain(part: _Part | None) -> str | None:
    return None if part is None else f"{part.amount:.2f}"

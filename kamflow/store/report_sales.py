"""Revenue by product group of the accounts a report is about, and which groups they buy; sums in SQL."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from kamflow.documents.quarterly_report.sums import GroupSales
from kamflow.figures.quarter_dates import twelve_months, year_before
from kamflow.models.revenue import RevenueKind
from kamflow.store.account_revenue import ENTRY, MONTH
from kamflow.store.report_cards import Asking, covered, rooted


def by_group(at: Asking) -> list[GroupSales]:
    """Actual and target of the quarter and actual a year before; a group without an entry has no amount."""
    entry, before = ENTRY.c, year_before(at.quarter)
    now = entry.day.between(at.quarter.first, at.quarter.last)
    actual = and_(entry.kind == RevenueKind.ACTUAL, now)
    target = and_(entry.kind == RevenueKind.TARGET, now)
    earlier = and_(entry.kind == RevenueKind.ACTUAL, entry.day.between(before.first, before.last))
    family = covered(at)
    group = func.nullif(entry.product_group, "").label("named")
    rows = at.session.execute(
        select(
            group,
            entry.source,
            func.sum(case((actual, entry.amount))).label("actual"),
            func.sum(case((target, entry.amount))).label("target"),
            func.sum(case((earlier, entry.amount))).label("before"),
            func.max(case((actual, entry.day))).label("sold"),
            func.max(case((target, entry.day))).label("aimed"),
            func.max(entry.day).label("newest"),
        )
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(or_(actual, target, earlier))
        .group_by(group, entry.source)
    ).all()
    found: defaultdict[str | None, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.named].append(row)
    return [_sales(name, parts) for name, parts in found.items()]


def _sales(name: str | None, parts: list[Any]) -> GroupSales:
    sources = sorted({part.source for part in parts})
    actual, target, before = (_total(parts, place) for place in ("actual", "target", "before"))
    return GroupSales(name, actual, target, before, _as_of(parts), ", ".join(sources))


def _as_of(parts: list[Any]) -> date | None:
    """The day of what was sold; where nothing was, that of the target, else of the year before."""
    for place in ("sold", "aimed", "newest"):
        if days := [day for part in parts if (day := getattr(part, place)) is not None]:
            return max(days)
    return None


def _total(parts: list[Any], place: str) -> Decimal | None:
    known = [amount for part in parts if (amount := getattr(part, place)) is not None]
    return sum(known, Decimal()) if known else None


def reaches_a_year_back(at: Asking) -> bool:
    """Whether the company's revenue goes back to the first month of the same quarter a year ago."""
    since = at.session.execute(
        select(func.min(ENTRY.c.day)).where(ENTRY.c.kind == RevenueKind.ACTUAL)
    ).scalar_one()
    return since is not None and since <= year_before(at.quarter).first + MONTH


def buyers(at: Asking) -> tuple[Mapping[str, int], int]:
    """Product group -> how many of the accounts bought it in twelve months, and how many bought any."""
    year, entry, family = twelve_months(at.quarter.last), ENTRY.c, rooted(at)
    bought = (
        select(family.c.root, entry.product_group)
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(entry.kind == RevenueKind.ACTUAL, func.nullif(entry.product_group, "").is_not(None))
        .where(entry.day >= year.first, entry.day <= year.last)
        .distinct()
        .subquery()
    )
    counted = select(bought.c.product_group, func.count()).group_by(bought.c.product_group)
    every = select(func.count(bought.c.root.distinct()))
    return dict(at.session.execute(counted).tuples().all()), at.session.execute(every).scalar_one()

"""Revenue, goals and margins of accounts in the windows that a quarter is compared with; sums in SQL.

A window without an entry is unknown, never 0. Where the company's data do not reach back to the first month
of an earlier window, that window is unknown too: half a year would look like half the revenue.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, and_, case, func, select
from sqlmodel import Session, col

from kamflow.figures.account_figures import Known
from kamflow.figures.quarter_dates import twelve_months, year_before
from kamflow.models.event import Event
from kamflow.models.revenue import RevenueEntry, RevenueKind
from kamflow.periods import Period
from kamflow.store import families
from kamflow.store.run import Accounts, Run

ENTRY = cast("Table", RevenueEntry.__table__)  # pyright: ignore[reportAttributeAccessIssue]
DAY = timedelta(days=1)
# A month may be posted on its last day.
MONTH = timedelta(days=31)


class Windows(NamedTuple):
    """The periods that a quarter is looked at with."""

    quarter: Period
    previous: Period
    year_ago: Period
    last_year: Period
    year_before: Period


class Company(NamedTuple):
    """What all accounts together bought in the twelve months.

    `groups`: product groups, best sold first. `sources`: who sends revenue now. `since`: first day known.
    """

    total: Known | None
    groups: tuple[str, ...]
    sources: tuple[str, ...]
    since: date | None


class Revenue(NamedTuple):
    """Known amounts by the name of their figure, and the source of the newest entry."""

    known: Mapping[str, Known]
    source: str | None = None
    groups: frozenset[str] = frozenset()


class _Sum(NamedTuple):
    """One figure: which entries of which window, and which of their amounts."""

    name: str
    kind: str
    period: Period
    amount: Any


def windows(quarter: Period, previous: Period) -> Windows:
    """`previous` is the fiscal quarter before."""
    last_year = twelve_months(quarter.last)
    before = twelve_months(last_year.first - DAY)
    return Windows(quarter, previous, year_before(quarter), last_year, before)


def company(run: Run, at: Windows) -> Company:
    """Totals of all accounts: the same for every part of them that is asked for.

    Reading them takes as long as the company is large. All batches of a run share them, until somebody
    imports revenue in between.
    """
    newest = select(func.max(col(Event.id))).where(col(Event.name) == "revenue.imported")
    key = ("company revenue", at, run.session.execute(newest).scalar_one())
    if key not in run.once:
        run.once[key] = _company(run.session, at)
    return run.once[key]


def _company(session: Session, at: Windows) -> Company:
    entry = ENTRY.c
    in_year = entry.day >= at.last_year.first
    rows = session.execute(
        select(
            entry.product_group,
            entry.source,
            func.sum(case((in_year, entry.amount))).label("total"),
            func.min(entry.day).label("since"),
            func.max(entry.day).label("until"),
        )
        .where(entry.kind == RevenueKind.ACTUAL)
        .where(entry.day >= at.year_before.first, entry.day <= at.quarter.last)
        .group_by(entry.product_group, entry.source)
    ).all()
    sold: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.product_group and row.total is not None:
            sold[row.product_group] += row.total
    return Company(
        _known((row.total, row.until, row.source) for row in rows),
        tuple(sorted((name for name, total in sold.items() if total > 0), key=lambda n: (-sold[n], n))),
        tuple(sorted({row.source for row in rows if row.until >= at.previous.first})),
        min((row.since for row in rows), default=None),
    )


def of_accounts(session: Session, accounts: Accounts, at: Windows, since: date | None) -> dict[int, Revenue]:
    """What is known of each account with its sites; `since` is the first day of the company's data."""
    sums = [each for each in _sums(at) if _reaches(each, since)]
    family, entry = families.below(accounts), ENTRY.c
    rows = session.execute(
        select(family.c.root, entry.source, *_columns(sums))
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(entry.day >= at.year_before.first, entry.day <= at.quarter.last)
        .where(entry.kind.in_((RevenueKind.ACTUAL, RevenueKind.TARGET)))
        .group_by(family.c.root, entry.source)
    )
    by_root: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_root[row.root].append(row)
    bought = _groups(session, accounts, at.last_year)
    return {
        root: Revenue(_all_known(found, sums), _newest(found), frozenset(bought.get(root, ())))
        for root, found in by_root.items()
    }


def _sums(at: Windows) -> Iterable[_Sum]:
    entry, actual, target = ENTRY.c, RevenueKind.ACTUAL, RevenueKind.TARGET
    for name in ("previous", "year_ago", "last_year", "year_before"):
        yield _Sum(name, actual, getattr(at, name), entry.amount)
    yield _Sum("revenue", actual, at.quarter, entry.amount)
    yield _Sum("goal", target, at.quarter, entry.amount)
    yield _Sum("previous_goal", target, at.previous, entry.amount)
    yield _Sum("margin", actual, at.quarter, entry.margin)
    yield _Sum("margin_on", actual, at.quarter, case((entry.margin.is_not(None), entry.amount)))
    yield _Sum("margin_goal", target, at.quarter, entry.margin)


def _reaches(each: _Sum, since: date | None) -> bool:
    if each.name not in ("previous", "year_ago", "year_before"):
        return True
    return since is not None and since <= each.period.first + MONTH


def _columns(sums: Iterable[_Sum]) -> Iterable[Any]:
    entry = ENTRY.c
    for each in sums:
        inside = and_(entry.kind == each.kind, entry.day >= each.period.first, entry.day <= each.period.last)
        yield func.sum(case((inside, each.amount))).label(each.name)
        yield func.max(case((and_(inside, each.amount.is_not(None)), entry.day))).label(f"{each.name}_day")
    yield func.max(case((entry.kind == RevenueKind.ACTUAL, entry.day))).label("newest")


def _all_known(rows: list[Any], sums: Iterable[_Sum]) -> dict[str, Known]:
    found = {
        each.name: _known((getattr(r, each.name), getattr(r, f"{each.name}_day"), r.source) for r in rows)
        for each in sums
    }
    return {name: known for name, known in found.items() if known is not None}


def _known(parts: Iterable[tuple[Decimal | None, date | None, str]]) -> Known | None:
    """The sum over sources, as of the newest entry."""
    found = [(amount, day, source) for amount, day, source in parts if amount is not None and day is not None]
    if not found:
        return None
    sources = sorted({source for _, _, source in found})
    total = sum((amount for amount, _, _ in found), Decimal())
    return Known(total, max(day for _, day, _ in found), ", ".join(sources))


def _newest(rows: list[Any]) -> str | None:
    known = [(row.newest, row.source) for row in rows if row.newest is not None]
    return max(known)[1] if known else None


def _groups(session: Session, accounts: Accounts, year: Period) -> dict[int, set[str]]:
    """The product groups that each account bought."""
    family, entry = families.below(accounts), ENTRY.c
    rows = session.execute(
        select(family.c.root, entry.product_group)
        .join_from(family, ENTRY, entry.account_id == family.c.id)
        .where(entry.kind == RevenueKind.ACTUAL, entry.product_group.is_not(None))
        .where(entry.day >= year.first, entry.day <= year.last)
        .distinct()
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for root, group in rows:
        found[root].add(group)
    return found

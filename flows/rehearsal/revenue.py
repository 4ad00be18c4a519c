"""Revenue as planned: some working days after a quarter its goals arrive as what was reached.

Where nobody set goals for the quarter, revenue is that of the same quarter a year before. What has arrived by
then stays as it is.
"""

from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from kamflow.figures.quarter_dates import year_before
from kamflow.models.revenue import RevenueEntry, RevenueKind
from kamflow.models.source import CompletePeriod
from kamflow.periods import Period, previous_quarter
from kamflow.settings import Company
from kamflow.store import calendars
from kamflow.store.run import Accounts

AFTER = 5  # working days of the company
SOURCE = "rehearsal"


def arrive(session: Session, day: date, company: Company) -> Accounts:
    """Write the revenue of the quarter that ended, on the day for it; else nothing."""
    quarter = previous_quarter(day, company.fiscal_year_start, company.fiscal_year_changes)
    if day != calendars.company_calendar(company).add(quarter.last, AFTER):
        return frozenset()
    reached = _accounts(session, quarter, RevenueKind.ACTUAL)
    rows = [
        _row(quarter, account, amount, currency)
        for account, (amount, currency) in _planned(session, quarter).items()
        if account not in reached
    ]
    if not rows:
        return frozenset()
    session.execute(insert(RevenueEntry), rows)
    for source in sorted({SOURCE, *session.execute(select(col(RevenueEntry.source)).distinct()).scalars()}):
        _complete(session, source, quarter, day)
    session.flush()
    return frozenset(row["account_id"] for row in rows)


def _complete(session: Session, source: str, quarter: Period, day: date) -> None:
    """Say that a source has all of a quarter from a day on; it may have said so of a later one already."""
    row = CompletePeriod
    ours = col(row.kind) == "revenue", col(row.first) == quarter.first, col(row.last) == quarter.last
    said = session.execute(select(row).where(col(row.source) == source, *ours)).scalar_one_or_none()
    if said is None:
        session.add(CompletePeriod(source=source, first=quarter.first, last=quarter.last, complete_on=day))
    else:
        said.complete_on = min(said.complete_on, day)


def _planned(session: Session, quarter: Period) -> dict[int, tuple[Any, str]]:
    goals = _accounts(session, quarter, RevenueKind.TARGET)
    return goals or _accounts(session, year_before(quarter), RevenueKind.ACTUAL)


def _accounts(session: Session, period: Period, kind: RevenueKind) -> dict[int, tuple[Any, str]]:
    """Sums by account; the currency is the company's."""
    entry = RevenueEntry
    rows = session.execute(
        select(col(entry.account_id), col(entry.amount), col(entry.currency))
        .where(col(entry.kind) == kind, col(entry.day) >= period.first, col(entry.day) <= period.last)
        .order_by(col(entry.id))
    )
    found: dict[int, tuple[Any, str]] = {}
    for account, amount, currency in rows:
        before = found.get(account)
        found[account] = (amount if before is None else before[0] + amount, currency)
    return found


def _row(quarter: Period, account: int, amount: Any, currency: str) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "source_id": f"{account}:{quarter.first.isoformat()}",
        "account_id": account,
        "day": quarter.last,
        "kind": RevenueKind.ACTUAL,
        "amount": amount,
        "currency": currency,
    }

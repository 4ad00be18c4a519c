"""Which accounts a run covers, cut into batches."""

from collections.abc import Iterable, Iterator
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.nudge import StoredNudge
from kamflow.store import hand_in_entries
from kamflow.store.run import NO_ACCOUNT, Accounts

BATCH = 500  # accounts; on SQLite nobody else writes while one is decided, about a third of a second


def whole(session: Session, rule: str, today: date) -> list[int]:
    """Every account of a whole run: the open ones, closed ones that still have living nudges of the
    rule or an entry that it may have to take back, and "no account"."""
    still_open = or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today)
    living = (
        select(col(StoredNudge.account_id))
        .where(col(StoredNudge.rule) == rule, col(StoredNudge.closed_at).is_(None))
        .where(col(StoredNudge.account_id).is_not(None))
    )
    concerned = [still_open, col(Account.id).in_(living)]
    if rule == hand_in_entries.RULE:
        concerned.append(col(Account.id).in_(hand_in_entries.closed_with_entries(today)))
    rows = session.execute(select(col(Account.id)).where(or_(*concerned)).order_by(col(Account.id)))
    return [NO_ACCOUNT, *(number for number in rows.scalars() if number is not None)]


def batches(accounts: Iterable[int], size: int = BATCH) -> Iterator[Accounts]:
    """Cut a scope into pieces that one transaction takes; "no account" comes last.

    What is said of the whole company is said when all of it is decided.
    """
    ordered = sorted(set(accounts), key=lambda number: (number == NO_ACCOUNT, number))
    for start in range(0, len(ordered), size):
        yield frozenset(ordered[start : start + size])

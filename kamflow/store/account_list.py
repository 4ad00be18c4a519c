"""Customers as a list for the pages."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account


class Listed(NamedTuple):
    id: int
    name: str
    key: str
    account_class: str | None


def listed(
    session: Session, accounts: Collection[int] | None, today: date, term: str, limit: int
) -> list[Listed]:
    """These accounts (None: all) that are not closed, with the term in name or key, by name."""
    query = select(col(Account.id), col(Account.name), col(Account.key), col(Account.account_class)).where(
        or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today)
    )
    if accounts is not None:
        query = query.where(col(Account.id).in_(accounts))
    if term:
        low = term.lower()
        query = query.where(
            or_(
                func.lower(col(Account.name)).contains(low, autoescape=True),
                col(Account.name).contains(term, autoescape=True),
                func.lower(col(Account.key)).contains(low, autoescape=True),
            )
        )
    rows = session.execute(query.order_by(col(Account.name), col(Account.id)).limit(limit))
    return [Listed(*row) for row in rows]

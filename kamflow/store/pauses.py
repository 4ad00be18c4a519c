"""Which accounts are paused for a rule."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.account import Pause


def accounts(session: Session, rule: str, today: date, among: frozenset[int]) -> frozenset[int]:
    """Accounts about which this rule (or every rule) is paused on that day."""
    rows = session.execute(
        select(col(Pause.account_id))
        .where(col(Pause.account_id).in_(among), col(Pause.until_day) >= today)
        .where(col(Pause.resumed_at).is_(None), or_(col(Pause.rule).is_(None), col(Pause.rule) == rule))
    )
    return frozenset(rows.scalars())

"""Which accounts are paused for a rule."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.account import Pause
from kamflow.store import starting
from kamflow.store.run import Accounts, Run


def unasked(run: Run, among: Accounts) -> Accounts:
    """Accounts about which nothing is asked: paused, or kamflow has not begun with them."""
    return accounts(run.session, run.rule, run.today, among) | starting.waiting(run, among)


def accounts(session: Session, rule: str, today: date, among: frozenset[int]) -> frozenset[int]:
    """Accounts about which this rule (or every rule) is paused on that day."""
    rows = session.execute(
        select(col(Pause.account_id))
        .where(col(Pause.account_id).in_(among), col(Pause.until_day) >= today)
        .where(col(Pause.resumed_at).is_(None), or_(col(Pause.rule).is_(None), col(Pause.rule) == rule))
    )
    return frozenset(rows.scalars())


def running(session: Session, account: int, today: date) -> list[Pause]:
    """The pauses of an account that hold today or later."""
    rows = session.execute(
        select(Pause)
        .where(col(Pause.account_id) == account, col(Pause.until_day) >= today)
        .where(col(Pause.resumed_at).is_(None))
        .order_by(col(Pause.id))
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())

"""Account plans and their sections as rows, for the acts that change them."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.plan import AccountPlan, PlanSection


def running(session: Session, account: int, today: date) -> list[AccountPlan]:
    """The plans of an account for this and later fiscal years, in order."""
    rows = session.execute(
        select(AccountPlan)
        .where(col(AccountPlan.account_id) == account, col(AccountPlan.year_last) >= today)
        .order_by(col(AccountPlan.year_first))
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())


def filled(session: Session, plan: int) -> frozenset[int]:
    """The numbers of the sections in which something stands."""
    rows = session.execute(
        select(col(PlanSection.number)).where(
            col(PlanSection.plan_id) == plan, col(PlanSection.filled_on).is_not(None)
        )
    )
    return frozenset(rows.scalars())

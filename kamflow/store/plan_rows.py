"""Account plans and their sections as rows, for the acts that change them."""

from datetime import date

from sqlalchemy import select, update
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan, PlanSection
from kamflow.thresholds import PlanCreation


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


def review(session: Session, account: int, today: date) -> None:
    """Note that what stands in the account's plans was looked through today."""
    plans = [plan.id for plan in running(session, account, today)]
    session.execute(
        update(PlanSection)
        .where(col(PlanSection.plan_id).in_(plans), col(PlanSection.filled_on).is_not(None))
        .values(reviewed_on=today)
    )


def form(session: Session, account: int, policy: PlanCreation) -> str:
    """The form of plan that the account's class asks for; short where it asks for none."""
    return "key" if session.get_one(Account, account).account_class in policy.key_classes else "short"

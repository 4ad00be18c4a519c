"""Goals from account plans: yearly figures, cut into equal months where no goal is set for the quarter."""

from decimal import Decimal

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.figures.account_figures import Known
from kamflow.figures.quarter_dates import part_of_year
from kamflow.models.plan import Goal
from kamflow.periods import Period
from kamflow.store.run import Accounts

FIGURES = ("revenue", "margin")
# (account, figure) -> amount of a fiscal year
Yearly = dict[tuple[int, str], Decimal]


def yearly(session: Session, accounts: Accounts, year: Period) -> Yearly:
    """The goals due in a fiscal year, the one that was noted last."""
    rows = session.execute(
        select(col(Goal.account_id), col(Goal.figure), col(Goal.amount))
        .where(col(Goal.account_id).in_(accounts), col(Goal.figure).in_(FIGURES))
        .where(col(Goal.amount).is_not(None))
        .where(col(Goal.due_on) >= year.first, col(Goal.due_on) <= year.last)
        .order_by(col(Goal.id))
    )
    return {(account, figure): amount for account, figure, amount in rows if amount is not None}


def of_quarter(found: Yearly, account: int, figure: str, quarter: Period, year: Period) -> Known | None:
    """The quarter's part of a yearly goal."""
    amount = found.get((account, figure))
    return None if amount is None else Known(part_of_year(amount, quarter, year), quarter.last, "kamflow")

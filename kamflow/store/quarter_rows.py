"""Comments on quarters as rows, for the act that writes them."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.controlling import QuarterComment


def comment(session: Session, account: int, quarter_first: date) -> QuarterComment | None:
    """The comment on the quarter that begins on that day."""
    query = select(QuarterComment).where(
        col(QuarterComment.account_id) == account, col(QuarterComment.quarter_first) == quarter_first
    )
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()

"""Comments on quarters as rows, for the act that writes them."""

from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.controlling import QuarterComment, StoredScorecard
from kamflow.periods import Period


def comment(session: Session, account: int, quarter_first: date) -> QuarterComment | None:
    """The comment on the quarter that begins on that day."""
    query = select(QuarterComment).where(
        col(QuarterComment.account_id) == account, col(QuarterComment.quarter_first) == quarter_first
    )
    return session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()


def newest_looked_at(session: Session, account: int) -> Period | None:
    """The newest quarter of which a scorecard was kept: its figures are open."""
    card = StoredScorecard
    found = session.execute(
        select(col(card.quarter_first), col(card.quarter_last))
        .where(col(card.account_id) == account)
        .order_by(col(card.quarter_first).desc())
        .limit(1)
    ).first()
    return Period(*found) if found else None

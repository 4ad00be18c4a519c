"""Open questions of accounts: what nobody has answered yet."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.plan import OpenQuestion


def open_ones(
    session: Session, accounts: Collection[int] | None = None, owner: int | None = None
) -> list[OpenQuestion]:
    """Questions without an answer, the nearest date first; of these accounts, of one owner, or all."""
    row = OpenQuestion
    query = (
        select(row)
        .where(col(row.answered_on).is_(None))
        .order_by(col(row.due_on).is_(None), col(row.due_on), col(row.id))
        .execution_options(populate_existing=True)
    )
    if accounts is not None:
        query = query.where(col(row.account_id).in_(accounts))
    if owner is not None:
        query = query.where(col(row.owner_id) == owner)
    return list(session.execute(query).scalars())

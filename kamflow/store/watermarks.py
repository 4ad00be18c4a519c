"""The newest day a rule has decided, per account."""

from datetime import date
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from kamflow.models.run import Watermark

WATERMARK = cast("Table", Watermark.__table__)  # pyright: ignore[reportAttributeAccessIssue]


def current(session: Session, rule: str, as_of: date, accounts: frozenset[int]) -> frozenset[int]:
    """The accounts that no later day has been decided for."""
    newer = session.execute(
        select(col(Watermark.account_id))
        .where(col(Watermark.rule) == rule, col(Watermark.as_of) > as_of)
        .where(col(Watermark.account_id).in_(bindparam("accounts", sorted(accounts), expanding=True)))
    ).scalars()
    return accounts - set(newer)


def advance(session: Session, rule: str, as_of: date, accounts: frozenset[int]) -> None:
    """Remember that `as_of` has been decided for these accounts."""
    if not accounts:
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(WATERMARK)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["rule", "account_id"], set_={"as_of": insert.excluded.as_of}
        ),
        [{"rule": rule, "account_id": account, "as_of": as_of} for account in sorted(accounts)],
    )

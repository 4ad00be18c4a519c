"""An account with all that lies below it: a group rolls up its sites and debtors."""

from collections.abc import Collection, Iterable
from typing import cast

from sqlalchemy import CTE, Table, bindparam, select
from sqlmodel import Session

from kamflow.models.account import Account

ACCOUNT = cast("Table", Account.__table__)  # pyright: ignore[reportAttributeAccessIssue]


def below(accounts: Collection[int]) -> CTE:
    """Rows (root, id): each of these accounts with itself and everything below it, closed ones too.

    Accounts that lie below each other by mistake end the search, they do not turn in circles.
    """
    roots = bindparam("roots", sorted(accounts), expanding=True)
    itself = select(ACCOUNT.c.id.label("root"), ACCOUNT.c.id.label("id")).where(ACCOUNT.c.id.in_(roots))
    family = itself.cte("family", recursive=True)
    child = ACCOUNT.alias("child")
    return family.union(select(family.c.root, child.c.id).join(family, child.c.parent_id == family.c.id))


def parents(session: Session, accounts: Iterable[int]) -> dict[int, int]:
    """Account -> the account above it, where there is one."""
    wanted = bindparam("wanted", sorted(set(accounts)), expanding=True)
    query = select(ACCOUNT.c.id, ACCOUNT.c.parent_id)
    rows = session.execute(query.where(ACCOUNT.c.id.in_(wanted), ACCOUNT.c.parent_id.is_not(None)))
    return dict(rows.tuples().all())

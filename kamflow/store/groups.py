"""Into which group's figures those of an account are counted."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlmodel import col

from kamflow.models.account import Account
from kamflow.store.asked import LEVELS
from kamflow.store.run import Accounts, Run


class _Above(NamedTuple):
    id: int
    account_class: str | None
    parent: int | None


def counted_in(run: Run, parents: Mapping[int, int | None]) -> dict[int, int]:
    """Account -> the nearest account above it that is open and controlled, where there is one."""
    at = {account: parent for account, parent in parents.items() if parent is not None}
    found: dict[int, int] = {}
    for _ in range(LEVELS):
        known = _open(run, frozenset(at.values()))
        here = {account: known[place] for account, place in at.items() if place in known}
        found |= {account: row.id for account, row in here.items() if _controlled(run, row)}
        at = {
            account: row.parent
            for account, row in here.items()
            if account not in found and row.parent is not None
        }
        if not at:
            break
    return found


def _controlled(run: Run, row: _Above) -> bool:
    return row.account_class in run.policy.of(row.id).quarterly_controlling.classes


def _open(run: Run, accounts: Accounts) -> dict[int, _Above]:
    rows = run.session.execute(
        select(col(Account.id), col(Account.account_class), col(Account.parent_id))
        .where(col(Account.id).in_(accounts))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > run.today))
    )
    return {row[0]: _Above(*row) for row in rows}

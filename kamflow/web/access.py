"""What a visitor may look into: the accounts of the teams they are in, assist or stand in for.

The head of KAM sees all accounts; operations see no customer content, whoever they stand in for.
"""

from datetime import date

from sqlmodel import Session

from kamflow.errors import NotAllowed
from kamflow.models.account import Account
from kamflow.models.person import Role
from kamflow.store import in_sight
from kamflow.web.visitor import Visitor

_NO_CONTENT = frozenset({Role.OPERATIONS})


def accounts(session: Session, visitor: Visitor, today: date) -> set[int] | None:
    """The accounts that the visitor may look into; None means all of them."""
    if operations(visitor):
        return set()
    if Role.HEAD in visitor.roles:
        return None
    return in_sight.accounts(session, visitor.person, today)


def may_see(session: Session, visitor: Visitor, account: int, today: date) -> bool:
    """Tell whether the visitor may look into an account."""
    seen = accounts(session, visitor, today)
    return seen is None or account in seen


def for_account(session: Session, visitor: Visitor, account: int, today: date) -> None:
    """Let pass who may look into an account.

    Raises:
        NotAllowed: without a name; what does not exist is refused alike.
    """
    if not may_see(session, visitor, account, today):
        raise NotAllowed("this account is open to its team, those who stand in for it, and the head of KAM")


def known(session: Session, account: int) -> Account:
    """The account; refused like one of others where there is none (NotAllowed)."""
    found = session.get(Account, account)
    if found is None:
        raise NotAllowed("this account is open to its team, those who stand in for it, and the head of KAM")
    return found


def operations(visitor: Visitor) -> bool:
    """Tell whether the visitor only operates kamflow: then no page shows them customers."""
    return visitor.roles == _NO_CONTENT

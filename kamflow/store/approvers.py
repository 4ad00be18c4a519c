"""Who decides about an account plan: asked by the rule for its nudge, and by the act for its right.

The account's approver, else whoever is next above its KAM, else the heads of KAM. Who has left is passed
over. Who wrote the plan, and the KAM who answers for it now, never decide about it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.store import teams
from kamflow.store.contacts import accounts_kams


@dataclass(frozen=True)
class Approvers:
    """Who decides about the plans of some accounts, looked up at once."""

    named: Mapping[int, int]
    kams: Mapping[int, int]
    authors: Mapping[tuple[int, date], int]
    superiors: Mapping[int, int]
    gone: frozenset[int]
    heads: tuple[int, ...]

    def of(self, account: int, year_first: date) -> tuple[int, ...]:
        """Who decides about the account's plan of the year; several where it is any head of KAM."""
        own = self.own(account, year_first)
        for person in self._asked(account, year_first):
            if person not in own and person not in self.gone:
                return (person,)
        return tuple(head for head in self.heads if head not in own)

    def own(self, account: int, year_first: date) -> frozenset[int]:
        """Whose plan it is: they do not decide about it, in nobody's place."""
        people = (self.authors.get((account, year_first)), self.kams.get(account))
        return frozenset(person for person in people if person is not None)

    def _asked(self, account: int, year_first: date) -> Iterator[int]:
        if account in self.named:
            yield self.named[account]
        at = self.kams.get(account, self.authors.get((account, year_first)))
        passed: set[int] = set()
        while at is not None and at not in passed:
            passed.add(at)
            at = self.superiors.get(at)
            if at is not None:
                yield at


def load(session: Session, accounts: Iterable[int], today: date) -> Approvers:
    """Look up who decides about the plans of these accounts today."""
    asked = set(accounts)
    named = session.execute(
        select(col(Account.id), col(Account.approver_id)).where(
            col(Account.id).in_(asked), col(Account.approver_id).is_not(None)
        )
    )
    written = session.execute(
        select(col(AccountPlan.account_id), col(AccountPlan.year_first), col(AccountPlan.author_id)).where(
            col(AccountPlan.account_id).in_(asked), col(AccountPlan.author_id).is_not(None)
        )
    )
    above = session.execute(
        select(col(Person.id), col(Person.superior_id)).where(col(Person.superior_id).is_not(None))
    )
    gone = session.execute(select(col(Person.id)).where(col(Person.left_on) < today)).scalars()
    return Approvers(
        named=dict(named.tuples().all()),
        kams=accounts_kams(session, asked, today),
        authors={(account, first): author for account, first, author in written},
        superiors=dict(above.tuples().all()),
        gone=frozenset(gone),
        heads=tuple(teams.heads(session, today)),
    )

"""Which services an account is entitled to by its class and did not get: nobody has shown it their value."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.service import Entitlement, ServiceClass, ServiceGiven
from kamflow.periods import Period
from kamflow.store import families
from kamflow.store.account_counts import GIVEN
from kamflow.store.run import Accounts


def unused(
    session: Session, accounts: Accounts, classes: Mapping[int, str | None], year: Period
) -> dict[int, tuple[int, ...]]:
    """Ids of services per account, for a company that writes down which services it gives."""
    noted = select(col(ServiceGiven.id)).where(_during(year)).limit(1)
    if session.execute(noted).first() is None:
        return {}
    entitled = _entitled(session)
    given = _given(session, accounts, year)
    return {
        account: tuple(
            service
            for service in entitled.get(classes.get(account) or "", ())
            if service not in given[account]
        )
        for account in accounts
    }


def _entitled(session: Session) -> dict[str, list[int]]:
    rows = session.execute(
        select(col(ServiceClass.account_class), col(ServiceClass.service_id))
        .where(col(ServiceClass.entitlement) == Entitlement.INCLUDED)
        .order_by(col(ServiceClass.service_id))
    )
    found: defaultdict[str, list[int]] = defaultdict(list)
    for kind, service in rows:
        found[kind].append(service)
    return found


def _given(session: Session, accounts: Accounts, year: Period) -> defaultdict[int, set[int]]:
    family = families.below(accounts)
    rows = session.execute(
        select(family.c.root, GIVEN.c.service_id)
        .join_from(family, GIVEN, GIVEN.c.account_id == family.c.id)
        .where(_during(year))
        .distinct()
    )
    found: defaultdict[int, set[int]] = defaultdict(set)
    for root, service in rows:
        found[root].add(service)
    return found


def _during(year: Period) -> Any:
    return col(ServiceGiven.day).between(year.first, year.last)

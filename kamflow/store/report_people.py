"""How many people a sum of the quarterly report is about: no id of one leaves this module."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import Table, or_, select

from kamflow.documents.quarterly_report import customers
from kamflow.documents.quarterly_report.contents import People
from kamflow.documents.quarterly_report.sums import Card, tops
from kamflow.models.person import Person
from kamflow.periods import fiscal_year
from kamflow.store import asked, families, scope
from kamflow.store.account_counts import MEASURE, PLACE, TARGET
from kamflow.store.contacts import accounts_kams
from kamflow.store.families import ACCOUNT
from kamflow.store.report_cards import Asking, covered

PERSON = cast("Table", Person.__table__)  # pyright: ignore[reportAttributeAccessIssue]
IDS = 10_000  # handed over at once: databases take some ten thousand


def people(at: Asking, cards: Iterable[Card]) -> People:
    """Of each sum that says something about what people do."""
    cards = tops(cards)
    behind = (card.account for card in cards if card.light in ("red", "amber"))
    return People(
        late=_late(at),
        planners=len(_planners(at, (card.account for card in customers.planned(cards)))),
        asked=len(_kams(at, behind)),
    )


def _late(at: Asking) -> int:
    """Who has a measure that is late; where none is, who has an open one: of them it is said."""
    due = MEASURE.c.due_on
    return len(_owners(at, due < at.today) or _owners(at, due >= at.today))


def _owners(at: Asking, when: Any) -> set[int]:
    """Who follows up open measures: the owner, or else the account's KAM."""
    family, row = covered(at), MEASURE.c
    here = or_(PERSON.c.left_on.is_(None), PERSON.c.left_on >= at.today)
    rows = at.session.execute(
        select(row.account_id, PERSON.c.id)
        .join_from(family, MEASURE, row.account_id == family.c.id)
        .join(ACCOUNT, ACCOUNT.c.id == row.account_id)
        .outerjoin(PERSON, (PERSON.c.id == row.owner_id) & here)
        .where(_open(at), when, or_(row.done_on.is_(None), row.done_on > at.today))
        .distinct()
    ).all()
    owned = {person for _, person in rows if person is not None}
    return owned | _kams(at, (account for account, person in rows if person is None))


def _planners(at: Asking, accounts: Iterable[int]) -> set[int]:
    """Who means to meet somebody there in the fiscal year of the quarter."""
    company = at.company
    year = fiscal_year(at.quarter.first, company.fiscal_year_start, company.fiscal_year_changes)
    found: set[int] = set()
    for part in scope.batches(accounts, IDS):
        family, target = families.below(part), TARGET.c
        found |= set(
            at.session.execute(
                select(target.person_id)
                .join_from(family, ACCOUNT, ACCOUNT.c.id == family.c.id)
                .join(PLACE, PLACE.c.account_id == family.c.id)
                .join(TARGET, target.place_id == PLACE.c.id)
                .where(_open(at), target.soll > 0)
                .where(target.period_first >= year.first, target.period_last <= year.last)
                .distinct()
            ).scalars()
        )
    return found


def _kams(at: Asking, accounts: Iterable[int]) -> set[int]:
    """The KAMs of these accounts, where one has none that of what it belongs to."""
    found: set[int] = set()
    for part in scope.batches(accounts, IDS):
        known = asked.upwards(at.session, part, lambda some: accounts_kams(at.session, some, at.today))
        found |= set(known.values())
    return found


def _open(at: Asking) -> Any:
    return or_(ACCOUNT.c.closed_on.is_(None), ACCOUNT.c.closed_on > at.today)

"""The scorecards of a quarter: of the open accounts that are looked at, and what lies below these."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CTE, Select, or_, select
from sqlmodel import Session, col

from kamflow.documents.quarterly_report.sums import Card
from kamflow.models.account import Account
from kamflow.models.controlling import StoredScorecard
from kamflow.periods import Period
from kamflow.settings import Company
from kamflow.store.families import ACCOUNT


@dataclass(frozen=True, slots=True)
class Asking:
    """Which quarter a report is about, and as seen on which day."""

    session: Session
    quarter: Period
    today: date
    company: Company


def cards(at: Asking) -> list[Card]:
    """The scorecards that were kept, each with the account into whose figures its own are counted."""
    card = StoredScorecard
    rows = at.session.execute(
        select(col(card.account_id), col(card.light), col(card.facts))
        .where(col(card.account_id).in_(looked_at(at)), col(card.quarter_first) == at.quarter.first)
        .order_by(col(card.account_id))
    ).all()
    above = counted_in(at, {account for account, _, _ in rows})
    return [Card.of(account, light, facts, above.get(account)) for account, light, facts in rows]


def looked_at(at: Asking) -> Select[tuple[int]]:
    """Selects the open accounts of which a scorecard was kept."""
    return (
        select(col(StoredScorecard.account_id))
        .join(Account, col(Account.id) == col(StoredScorecard.account_id))
        .where(col(StoredScorecard.quarter_first) == at.quarter.first)
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > at.today))
    )


def covered(at: Asking) -> CTE:
    """Rows (id): these accounts and everything below them, each once; however many, no id is handed over."""
    family = looked_at(at).with_only_columns(col(StoredScorecard.account_id).label("id"))
    found = family.cte("covered", recursive=True)
    child = ACCOUNT.alias("child")
    return found.union(select(child.c.id).join(found, child.c.parent_id == found.c.id))


def rooted(at: Asking) -> CTE:
    """Rows (root, id): each of these accounts with itself and everything below it."""
    account = col(StoredScorecard.account_id)
    found = looked_at(at).with_only_columns(account.label("root"), account.label("id"))
    family = found.cte("rooted", recursive=True)
    child = ACCOUNT.alias("child")
    return family.union(select(family.c.root, child.c.id).join(family, child.c.parent_id == family.c.id))


def counted_in(at: Asking, looked: set[int]) -> dict[int, int]:
    """Account -> the nearest account above it that is looked at; itself is none of them."""
    rows = at.session.execute(
        select(col(Account.id), col(Account.parent_id)).where(col(Account.parent_id).is_not(None))
    )
    parents: Mapping[Any, Any] = dict(rows.tuples().all())
    found: dict[int, int] = {}
    for account in parents:
        place, seen = parents[account], {account}
        # Accounts that lie below each other by mistake end the search.
        while place is not None and place not in looked and place not in seen:
            seen.add(place)
            place = parents.get(place)
        if place in looked and place not in seen:
            found[account] = place
    return found

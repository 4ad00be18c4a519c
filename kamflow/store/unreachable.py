"""Contacts whose address is dead, and who is asked for their successors."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.contact import Contact, Place
from kamflow.models.person import Person
from kamflow.store import account_move, teams


def mark(session: Session, contact: int, addresses: Collection[str], today: date) -> bool:
    """Note that a contact's address is dead; False where it is known, or its address is another by now.

    `addresses` are those that failed, in lower case; none: whatever it has.
    """
    row = session.get(Contact, contact, with_for_update=True)
    if row is None or not row.email or row.unreachable_on is not None:
        return False
    if addresses and row.email.strip().casefold() not in addresses:
        return False
    row.unreachable_on = today
    session.flush()
    return True


def revived(session: Session, addresses: Mapping[int, str | None]) -> None:
    """Contacts whose address is written anew: another one than the dead one may be reached."""
    if not addresses:
        return
    dead = select(Contact).where(col(Contact.unreachable_on).is_not(None))
    for row in session.execute(dead).scalars().all():
        if row.id in addresses and (addresses[row.id] or "").casefold() != (row.email or "").casefold():
            row.unreachable_on = None
    session.flush()


def kams(session: Session, contact: int, today: date) -> list[tuple[int, int]]:
    """(Account, person): whoever looks after the accounts at which the contact has a place today; where
    nobody does, the head of KAM."""
    found: list[tuple[int, int]] = []
    for account in _accounts(session, contact, today):
        people = account_move.kams(session, account, today) or _kams_above(session, account, today)
        found += [(account, person) for person in people or teams.heads(session, today)[:1]]
    return found


def channel(session: Session, person: int) -> str:
    """Where a person wants to read."""
    return session.get_one(Person, person).channel


def _kams_above(session: Session, account: int, today: date) -> list[int]:
    return [person for person, held in teams.team(session, account, today).items() if "kam" in held]


def _accounts(session: Session, contact: int, today: date) -> Iterable[int]:
    rows = session.execute(
        select(col(Place.account_id))
        .where(col(Place.contact_id) == contact)
        .where(or_(col(Place.from_day).is_(None), col(Place.from_day) <= today))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= today))
        .order_by(col(Place.account_id))
    )
    return dict.fromkeys(rows.scalars())

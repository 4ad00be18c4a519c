"""What somebody may choose from: accounts, the people there, as (id, words)."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.contact import Contact, ContactTarget, Place

Choice = tuple[int, str]


def accounts(
    session: Session, among: Collection[int] | None, today: date, text: str = "", limit: int = 100
) -> list[Choice]:
    """Accounts (None: all) that are not closed, by name; `text` is a part of their name."""
    query = select(col(Account.id), col(Account.name)).where(
        or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today)
    )
    if among is not None:
        query = query.where(col(Account.id).in_(among))
    # Compared here: SQLite knows upper and lower case of ASCII only.
    wanted = text.strip().casefold()
    found = [(number, name) for number, name in session.execute(query).tuples() if number is not None]
    fitting = (each for each in found if wanted in each[1].casefold())
    return sorted(fitting, key=lambda each: (each[1].casefold(), each[0]))[:limit]


def contacts(session: Session, account: int, today: date, limit: int = 100) -> list[Choice]:
    """Who has a place at an account, the most influential first: name and position."""
    rows = session.execute(
        select(col(Contact.id), col(Contact.first_name), col(Contact.last_name), col(Place.position))
        .join(Place, col(Place.contact_id) == col(Contact.id))
        .where(col(Place.account_id) == account)
        .where(or_(col(Place.from_day).is_(None), col(Place.from_day) <= today))
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= today))
        .order_by(func.coalesce(col(Place.influence), 0).desc(), col(Contact.last_name), col(Contact.id))
        .limit(limit)
    )
    found: dict[int, str] = {}
    for number, first, last, position in rows:
        name = f"{first or ''} {last}".strip()
        found.setdefault(number or 0, f"{name}, {position}" if position else name)
    return list(found.items())


def named(session: Session, contacts: Collection[int]) -> list[Choice]:
    """These contacts by name, in the order given."""
    query = select(col(Contact.id), col(Contact.first_name), col(Contact.last_name))
    rows = session.execute(query.where(col(Contact.id).in_(contacts)))
    names = {number: f"{first or ''} {last}".strip() for number, first, last in rows}
    return [(each, names[each]) for each in dict.fromkeys(contacts) if each in names]


def planned(session: Session, targets: Collection[int]) -> list[tuple[int, str, int]]:
    """These contact targets in the order given: id, whom, Soll."""
    query = (
        select(
            col(ContactTarget.id), col(Contact.first_name), col(Contact.last_name), col(ContactTarget.soll)
        )
        .join(Place, col(Place.id) == col(ContactTarget.place_id))
        .join(Contact, col(Contact.id) == col(Place.contact_id))
        .where(col(ContactTarget.id).in_(targets))
    )
    known = {
        number: (f"{first or ''} {last}".strip(), soll)
        for number, first, last, soll in session.execute(query)
    }
    return [(each, *known[each]) for each in dict.fromkeys(targets) if each in known]

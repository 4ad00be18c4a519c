"""What somebody chooses from to log a contact: customers, their contacts, who of us was there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.person import Person
from kamflow.store import teams


@dataclass(frozen=True, slots=True)
class Known:
    """One contact at one customer."""

    account: int
    account_name: str
    contact: int
    name: str
    position: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """One pair of a contact that took place, is booked or was called off."""

    person: str
    contact: str
    kind: str
    state: str


def contacts(session: Session, accounts: Collection[int], today: date, limit: int) -> list[Known]:
    """Who has a place at these customers today, by customer, the most influential first."""
    place = Place
    rows = session.execute(
        select(
            col(Account.id),
            col(Account.name),
            col(Contact.id),
            col(Contact.first_name),
            col(Contact.last_name),
            col(place.position),
        )
        .join(place, col(place.account_id) == col(Account.id))
        .join(Contact, col(Contact.id) == col(place.contact_id))
        .where(col(Account.id).in_(accounts))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today))
        .where(or_(col(place.from_day).is_(None), col(place.from_day) <= today))
        .where(or_(col(place.until_day).is_(None), col(place.until_day) >= today))
        .order_by(
            col(Account.name),
            col(Account.id),
            col(place.influence).desc().nulls_last(),
            col(Contact.last_name),
        )
        .limit(limit)
    )
    return [
        Known(account, named, contact, f"{first or ''} {last}".strip(), position)
        for account, named, contact, first, last, position in rows
    ]


def ours(session: Session, account: int, person: int, today: date) -> list[tuple[int, str]]:
    """Who of us may have been there: the person, whom they assist, the team, whoever plans contacts there."""
    there = or_(col(Person.left_on).is_(None), col(Person.left_on) >= today)
    planning = (
        select(col(ContactTarget.person_id))
        .join(Place, col(Place.id) == col(ContactTarget.place_id))
        .where(col(Place.account_id) == account, col(ContactTarget.period_last) >= today)
    )
    team = set(teams.team(session, account, today)) | {person}
    query = select(col(Person.id), col(Person.name)).where(
        there,
        or_(
            col(Person.id).in_(team),
            col(Person.id).in_(planning),
            col(Person.assistant_id) == person,
        ),
    )
    found = [(number, name) for number, name in session.execute(query) if number is not None]
    return sorted(found, key=lambda each: (each[0] != person, each[1].casefold()))


def assisted(session: Session, person: int) -> set[int]:
    """Whom the person assists."""
    return set(session.execute(select(col(Person.id)).where(col(Person.assistant_id) == person)).scalars())


def planned_at(session: Session, person: int, today: date) -> set[int]:
    """The customers at which the person plans contacts."""
    query = (
        select(col(Place.account_id))
        .join(ContactTarget, col(ContactTarget.place_id) == col(Place.id))
        .where(col(ContactTarget.person_id) == person, col(ContactTarget.period_last) >= today)
    )
    return set(session.execute(query).scalars())


def noted(session: Session, account: int, day: date, person: int) -> list[Noted]:
    """What is known of a day at a customer with this person in it, or logged by them."""
    who, met = Encounter, Interaction
    rows = session.execute(
        select(
            col(Person.name), col(Contact.first_name), col(Contact.last_name), col(met.kind), col(met.state)
        )
        .join(who, col(who.person_id) == col(Person.id))
        .join(met, col(met.id) == col(who.interaction_id))
        .join(Contact, col(Contact.id) == col(who.contact_id))
        .where(col(met.account_id) == account, col(met.day) == day)
        .where(or_(col(who.person_id) == person, col(met.logged_by_id) == person))
        .order_by(col(Contact.last_name), col(Person.name), col(met.id))
    )
    found = [
        Noted(name, f"{first or ''} {last}".strip(), kind, state) for name, first, last, kind, state in rows
    ]
    return list(dict.fromkeys(found))

"""What one message mentions, looked up by itself: `known` would read everything for a single event.

Systems call a row by their own id, by our key, or by its e-mail address; a name is too uncertain for what
nobody looks at. One that has no ids of its own for such rows may call them as another system does: but the
new customer 1004 of a CRM must not be taken for debtor 1004 of the ERP.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.intake.known import Known, Names
from kamflow.models.account import Account, ExternalReference
from kamflow.models.contact import Contact, Place
from kamflow.models.person import Person

Table = type[Person] | type[Account] | type[Contact]


@dataclass(frozen=True)
class Mentioned:
    """What a message calls people, accounts and contacts."""

    people: Collection[str] = ()
    accounts: Collection[str] = ()
    contacts: Collection[str] = ()


def load(session: Session, source: str, mentioned: Mentioned) -> Known:
    """Only these, if they are there; contacts with all their places."""
    people = _names(session, source, "person", Person, mentioned.people)
    accounts = _names(session, source, "account", Account, mentioned.accounts)
    contacts = _names(session, source, "contact", Contact, mentioned.contacts)
    return Known(people, accounts, contacts, _places(session, contacts), {})


def row_of(session: Session, source: str, kind: str, external: str) -> int | None:
    """The row that a source calls so."""
    query = select(col(ExternalReference.row_id)).where(
        col(ExternalReference.source) == source,
        col(ExternalReference.kind) == kind,
        col(ExternalReference.external_id) == external,
    )
    return session.execute(query).scalar()


def _names(session: Session, source: str, kind: str, table: Table, written: Collection[str]) -> Names:
    names = Names()
    if not written:
        return names
    pointing = select(
        col(ExternalReference.source), col(ExternalReference.external_id), col(ExternalReference.row_id)
    ).where(col(ExternalReference.kind) == kind, col(ExternalReference.external_id).in_(written))
    found = session.execute(pointing).all()
    names.by_reference = {external: row_id for origin, external, row_id in found if origin == source}
    if found and not _has_ids(session, source, kind):
        for _, external, row_id in found:
            names.elsewhere.setdefault(external, set()).add(row_id)
    called = {*names.by_reference.values(), *(row for rows in names.elsewhere.values() for row in rows)}
    wanted = [col(table.key).in_(written), col(table.id).in_(called)]
    if table is Account:
        for row_id, key in session.execute(select(col(table.id), col(table.key)).where(or_(*wanted))):
            names.add(row_id, key, ())
        return names
    address = col(Person.email) if table is Person else col(Contact.email)
    wanted.append(func.lower(address).in_([each.lower() for each in written]))
    for row_id, key, email in session.execute(
        select(col(table.id), col(table.key), address).where(or_(*wanted))
    ):
        names.add(row_id, key, (), email)
    return names


def _has_ids(session: Session, source: str, kind: str) -> bool:
    """Tell whether a source was ever heard to call any such row by an id of its own."""
    own = col(ExternalReference.source) == source, col(ExternalReference.kind) == kind
    return session.execute(select(col(ExternalReference.row_id)).where(*own).limit(1)).first() is not None


def _places(session: Session, contacts: Names) -> dict[tuple[int, int], int]:
    query = (
        select(col(Place.contact_id), col(Place.account_id), col(Place.id))
        .where(col(Place.contact_id).in_(contacts.keys))
        .order_by(col(Place.id))
    )
    return {(contact, account): place for contact, account, place in session.execute(query) if place}

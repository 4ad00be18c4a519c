"""What the database already has, looked up in dictionaries instead of one query per row."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.account import Account, ExternalReference
from kamflow.models.contact import Contact, Place
from kamflow.models.person import Department, Person
from kamflow.models.service import Service


class Several(ValueError):
    """More than one row is called so."""


@dataclass(slots=True)
class Names:
    """Rows of one kind by external id in this source, by key, e-mail and name, and by foreign ids."""

    by_reference: dict[str, int] = field(default_factory=dict)
    by_key: dict[str, int] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    by_name: dict[str, set[int]] = field(default_factory=dict)
    by_email: dict[str, set[int]] = field(default_factory=dict)
    elsewhere: dict[str, set[int]] = field(default_factory=dict)

    def add(self, row_id: int, key: str, names: Iterable[str], email: str | None = None) -> None:
        self.by_key[key] = row_id
        self.keys[row_id] = key
        for name in names:
            self.by_name.setdefault(folded(name), set()).add(row_id)
        if email:
            self.by_email.setdefault(email.casefold(), set()).add(row_id)

    def find(self, written: str) -> int | None:
        """The one row called so: external id, key, e-mail, name, id in another source.

        Raises:
            Several: the name or address is not unique.
        """
        written = written.strip(" \t\u00a0")
        if written in self.by_reference:
            return self.by_reference[written]
        if written in self.by_key:
            return self.by_key[written]
        for found in (
            self.by_email.get(written.casefold()),
            self.by_name.get(folded(written)),
            self.elsewhere.get(written),
        ):
            if found and len(found) > 1:
                raise Several(f"the key or external id: {len(found)} are called so")
            if found:
                return next(iter(found))
        return None

    def find_or_none(self, written: str) -> int | None:
        """As `find`, but what is not unique counts as unknown."""
        try:
            return self.find(written)
        except Several:
            return None


@dataclass(slots=True)
class Known:
    """Everything a record may point at."""

    people: Names
    accounts: Names
    contacts: Names
    places: dict[tuple[int, int], int]
    departments: dict[str, int]
    services: Names = field(default_factory=Names)

    def of(self, kind: str) -> Names | None:
        """What a reference of this kind may point at."""
        match kind:
            case "account":
                return self.accounts
            case "person" | "people":
                return self.people
            case "contact" | "contacts":
                return self.contacts
            case "service":
                return self.services
            case "department":
                return Names(by_name={name: {row} for name, row in self.departments.items()})
            case _:
                return None

    def accounts_of(self, contact: int) -> list[int]:
        return [account for each, account in self.places if each == contact]

    def contacts_at(self, account: int) -> list[int]:
        return [contact for contact, each in self.places if each == account]


def folded(name: str) -> str:
    """A name without case and spare spaces, for comparing."""
    return " ".join(name.split()).casefold()


def load(session: Session, source: str) -> Known:
    """Read all keys, names and references once."""
    people, accounts, contacts = Names(), Names(), Names()
    for row_id, key, name, email in session.execute(
        select(col(Person.id), col(Person.key), col(Person.name), col(Person.email))
    ):
        people.add(row_id, key, [name], email)
    for row_id, key, name in session.execute(select(col(Account.id), col(Account.key), col(Account.name))):
        accounts.add(row_id, key, [name])
    for row_id, key, first, last, email in session.execute(
        select(
            col(Contact.id),
            col(Contact.key),
            col(Contact.first_name),
            col(Contact.last_name),
            col(Contact.email),
        )
    ):
        contacts.add(row_id, key, spellings(first, last), email)
    services = Names()
    for row_id, key, name in session.execute(select(col(Service.id), col(Service.key), col(Service.name))):
        services.add(row_id, key, [name])
    kinds = {"person": people, "account": accounts, "contact": contacts, "service": services}
    for kind, names in kinds.items():
        _references(session, source, kind, names)
    return Known(people, accounts, contacts, _places(session), _departments(session), services)


def spellings(first: str | None, last: str) -> set[str]:
    """A contact may be called by first and last name either way round; a lone last name counts too."""
    return {f"{first} {last}", f"{last}, {first}"} if first else {last}


def _references(session: Session, source: str, kind: str, names: Names) -> None:
    rows = session.execute(
        select(
            col(ExternalReference.source), col(ExternalReference.external_id), col(ExternalReference.row_id)
        ).where(col(ExternalReference.kind) == kind)
    )
    for origin, external, row_id in rows:
        if origin == source:
            names.by_reference[external] = row_id
        else:
            names.elsewhere.setdefault(external, set()).add(row_id)


def _places(session: Session) -> dict[tuple[int, int], int]:
    rows = session.execute(
        select(col(Place.contact_id), col(Place.account_id), col(Place.id)).order_by(col(Place.id))
    )
    return {(contact, account): place for contact, account, place in rows if place}


def _departments(session: Session) -> dict[str, int]:
    rows = session.execute(select(col(Department.name), col(Department.key), col(Department.id)))
    return {folded(word): row_id for name, key, row_id in rows if row_id for word in (key, name)}

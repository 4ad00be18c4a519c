"""Write what kamflow knows as CSV: in the columns of its own templates, safe to open in Excel."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.intake.entities.interactions import OWN
from kamflow.intake.guard import MARK, guarded
from kamflow.models.account import Account, ExternalReference
from kamflow.models.contact import Contact, Place
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.person import Person
from kamflow.models.revenue import Project

Rows = Iterable[Sequence[Any]]


def write(session: Session, kind: str, out: TextIO) -> int:
    """Write one kind to a text stream opened with `newline=""`; returns the number of rows."""
    columns, rows = EXPORTS[kind]
    writer = csv.writer(out, delimiter=";")
    writer.writerow([*columns, MARK])
    number = 0
    for number, row in enumerate(rows(session), 1):  # noqa: B007 - counts
        writer.writerow([*(guarded(_spelled(cell)) for cell in row), "1"])
    return number


def write_file(session: Session, kind: str, path: Path) -> int:
    """The same into a file, with the mark by which Excel knows UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        return write(session, kind, out)


def _spelled(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell:.2f}"
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)


def _accounts(session: Session) -> Rows:
    keys = dict(session.execute(select(col(Account.id), col(Account.key))).tuples().all())
    for each in session.execute(select(Account).order_by(col(Account.key))).scalars():
        yield (
            each.key, each.name, each.account_class, keys.get(each.parent_id), each.industry, each.website,
            each.city, each.country, each.region, each.language, each.zone, each.currency, each.meeting_month,
            each.closed_on,
        )  # fmt: skip


def _contacts(session: Session) -> Rows:
    keys = dict(session.execute(select(col(Contact.id), col(Contact.key))).tuples().all())
    query = (
        select(Contact, Place, col(Account.key))
        .join(Place, col(Place.contact_id) == col(Contact.id))
        .join(Account, col(Account.id) == col(Place.account_id))
        .order_by(col(Contact.key), col(Account.key))
    )
    for contact, place, account in session.execute(query):
        yield (
            contact.key, account, contact.first_name, contact.last_name, contact.salutation, contact.email,
            contact.phone, place.position, place.department, place.level, place.buying_role, place.influence,
            keys.get(place.reports_to_id), contact.language, contact.country, contact.region, contact.zone,
            place.from_day, place.until_day,
        )  # fmt: skip


def _projects(session: Session) -> Rows:
    query = (
        select(Project, col(Account.key), col(Person.key), col(ExternalReference.external_id))
        .join(Account, col(Account.id) == col(Project.account_id))
        .outerjoin(Person, col(Person.id) == col(Project.owner_id))
        .outerjoin(
            ExternalReference,
            (col(ExternalReference.row_id) == col(Project.id)) & (col(ExternalReference.kind) == "project"),
        )
        .order_by(col(Project.id), col(ExternalReference.id))
    )
    for project, account, owner, external in session.execute(query):
        yield (
            external, account, project.name, project.state, project.stage, project.product_group,
            project.value,
            project.currency, project.chance, project.opened_on, project.close_on, project.lost_to, owner,
        )  # fmt: skip


def _interactions(session: Session) -> Rows:
    people = dict(session.execute(select(col(Person.id), col(Person.key))).tuples().all())
    contacts = dict(session.execute(select(col(Contact.id), col(Contact.key))).tuples().all())
    met: dict[int, tuple[set[int], set[int]]] = {}
    for each in session.execute(select(Encounter)).scalars():
        ours, theirs = met.setdefault(each.interaction_id, (set(), set()))
        ours.add(each.person_id)
        theirs.add(each.contact_id)
    query = (
        select(Interaction, col(Account.key))
        .outerjoin(Account, col(Account.id) == col(Interaction.account_id))
        .order_by(col(Interaction.day), col(Interaction.id))
    )
    for each, account in session.execute(query):
        ours, theirs = met.get(each.id, (set(), set()))
        yield (
            f"{OWN}{each.id}", each.day, account, _joined(people, ours), _joined(contacts, theirs),
            each.kind,
            each.state, each.starts_at, each.minutes,
        )  # fmt: skip


def _joined(keys: Mapping[int, str], rows: Iterable[int]) -> str:
    return ";".join(keys[row] for row in sorted(rows))


Export = tuple[tuple[str, ...], Callable[[Session], Rows]]

EXPORTS: Mapping[str, Export] = MappingProxyType({
    "accounts": ((
        "key", "name", "class", "parent", "industry", "website", "city", "country", "region", "language",
        "zone",
        "currency", "meeting_month", "closed_on"), _accounts),
    "contacts": ((
        "key", "account", "first_name", "last_name", "salutation", "email", "phone", "position", "department",
        "level", "buying_role", "influence", "reports_to", "language", "country", "region", "zone", "from",
        "until"), _contacts),
    "projects": ((
        "id", "account", "name", "state", "stage", "product_group", "value", "currency", "chance",
        "opened_on",
        "close_on", "lost_to", "owner"), _projects),
    "interactions": ((
        "id", "day", "account", "people", "contacts", "kind", "state", "starts_at", "minutes"),
        _interactions),
})  # fmt: skip

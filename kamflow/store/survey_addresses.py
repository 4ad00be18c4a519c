"""Contacts with the same address: a human who was entered twice, or a mailbox that several share."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.contact import Contact


class ContactRow(NamedTuple):
    """What a survey needs to know of a contact itself."""

    id: int
    email: str | None
    unreachable_on: date | None
    country: str | None
    region: str | None
    survey_consent: str | None
    consent_on: date | None
    consent_wording: str | None


def spelt(email: str | None) -> str:
    """An address in the spelling in which two are compared; empty where there is none."""
    return (email or "").strip().casefold()


def load(session: Session, wanted: Any) -> tuple[dict[int, ContactRow], set[int]]:
    """The contacts that `wanted` selects and all others with the address of one of them; who these are."""
    rows = {row.id: row for row in _contacts(session, col(Contact.id).in_(wanted))}
    addresses = {spelt(row.email) for row in rows.values()} - {""}
    same = _contacts(session, _has_one_of(addresses, wanted)) if addresses else []
    others = {row.id: row for row in same if row.id not in rows and spelt(row.email) in addresses}
    return rows | others, set(others)


def together(rows: Iterable[ContactRow]) -> Mapping[int, tuple[int, ...]]:
    """Contact -> all contacts with its address, the first one first; only itself without an address."""
    by_address: defaultdict[str, list[int]] = defaultdict(list)
    known = list(rows)
    for row in known:
        by_address[spelt(row.email)].append(row.id)
    groups = {address: tuple(sorted(ids)) for address, ids in by_address.items()}
    return {row.id: groups[spelt(row.email)] if spelt(row.email) else (row.id,) for row in known}


def _contacts(session: Session, which: Any) -> list[ContactRow]:
    columns = (getattr(Contact, name) for name in ContactRow._fields)
    return [ContactRow(*row) for row in session.execute(select(*map(col, columns)).where(which))]


def _has_one_of(addresses: set[str], wanted: Any) -> Any:
    email = col(Contact.email)
    if not all(address.isascii() for address in addresses):
        # SQLite knows the capital letters of English only: everybody is compared in `load`.
        return email.is_not(None)
    known = aliased(Contact)
    theirs = select(func.lower(func.trim(col(known.email)))).where(col(known.id).in_(wanted))
    return func.lower(func.trim(email)).in_(theirs)

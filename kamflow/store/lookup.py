"""Find the row a person means by what they typed: key, external id, e-mail or exact name."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeVar, cast

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account, ExternalReference
from kamflow.models.contact import Contact
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person

NEAR = 3
LISTED = 5

Row = TypeVar("Row", Person, Account, Contact)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a row can be called by."""

    id: int
    key: str
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"


def person(session: Session, text: str) -> Person:
    """One of our people.

    Raises:
        NotFound: nobody is called so; names up to three near matches.
        InputError: several are; names them.
    """
    return _find(session, Person, "person", text)


def account(session: Session, text: str) -> Account:
    """A customer; raises as `person` does."""
    return _find(session, Account, "account", text)


def contact(session: Session, text: str) -> Contact:
    """A human at a customer; raises as `person` does."""
    return _find(session, Contact, "contact", text)


def nudge(session: Session, text: str) -> StoredNudge:
    """A nudge by its number, or the newest one of an identity.

    Raises:
        NotFound: there is none.
    """
    if text.isdecimal() and text.isascii():
        found = session.get(StoredNudge, int(text)) if len(text) < 19 else None
    else:
        query = select(StoredNudge).where(col(StoredNudge.identity) == text)
        found = session.execute(query.order_by(col(StoredNudge.id).desc())).scalars().first()
    if found is None:
        raise NotFound(f"no nudge {text!r}: `kamflow nudges` lists yours with their numbers")
    return found


def _find(session: Session, table: type[Row], kind: str, text: str) -> Row:
    wanted = text.strip()
    if not wanted:
        raise InputError(f"no {kind} named: give a key, an external id, an e-mail address or a full name")
    by_key = session.execute(select(table).where(col(table.key) == wanted)).scalars().first()
    if by_key is not None:
        return by_key
    found = _matching(session, table, kind, wanted)
    # Only now the whole list: its spelling may differ in case, which SQLite knows for ASCII alone.
    known = [] if found else _all(session, table)
    found = found or {each.id for each in known if wanted.casefold() in _spellings(each)}
    if not found:
        raise NotFound(_nothing(kind, wanted, known))
    if len(found) > 1:
        raise InputError(_several(session, table, kind, wanted, found))
    return session.get_one(table, found.pop())


def _matching(session: Session, table: type[Row], kind: str, wanted: str) -> set[int]:
    references = select(col(ExternalReference.row_id)).where(
        col(ExternalReference.kind) == kind, col(ExternalReference.external_id) == wanted
    )
    spelled = [_name(table) == wanted]
    if not issubclass(table, Account):
        spelled.append(func.lower(col(table.email)) == wanted.lower())
    named = select(col(table.id)).where(or_(*spelled))
    return {number for query in (references, named) for number in session.execute(query).scalars() if number}


def _name(table: type[Row]) -> ColumnElement[str]:
    """The full name, as SQL."""
    if issubclass(table, Contact):
        return func.trim(func.coalesce(col(table.first_name), "") + " " + col(table.last_name))
    return cast(ColumnElement[str], col(table.name))


def _all(session: Session, table: type[Row]) -> list[_Known]:
    query = select(col(table.id), col(table.key), _name(table))
    return [_Known(number, key, name) for number, key, name in session.execute(query) if number]


def _spellings(known: _Known) -> tuple[str, str]:
    return known.key.casefold(), known.name.casefold()


def _nothing(kind: str, wanted: str, known: list[_Known]) -> str:
    low = wanted.casefold()
    by_spelling = {spelling: each for each in known for spelling in _spellings(each)}
    containing = [each for spelling, each in by_spelling.items() if low in spelling]
    close = [by_spelling[spelling] for spelling in get_close_matches(low, by_spelling, n=2 * NEAR)]
    near = list(dict.fromkeys([*close, *containing]))[:NEAR]
    hint = f"did you mean {', '.join(map(str, near))}?" if near else "give the key, external id or full name"
    return f"no {kind} {wanted!r}: {hint}"


def _several(session: Session, table: type[Row], kind: str, wanted: str, found: set[int]) -> str:
    listed = [str(each) for each in _all(session, table) if each.id in found]
    more = f" and {len(listed) - LISTED} more" if len(listed) > LISTED else ""
    return f"{kind} {wanted!r} could be {', '.join(sorted(listed)[:LISTED])}{more}: give the key"

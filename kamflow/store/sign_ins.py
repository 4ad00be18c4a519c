"""Links that sign a person in, each once; and whose address somebody typed to get one."""

from datetime import date, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, func, or_, select, update
from sqlmodel import Session, col

from kamflow.models.person import Person
from kamflow.models.visit import SignIn


class Asked(NamedTuple):
    """A link that was made, and for whom."""

    number: int
    person: int
    name: str
    language: str
    links_version: int
    ends_at: datetime
    used_at: datetime | None
    return_to: str | None


def add(session: Session, person: int, now: datetime, ends_at: datetime, return_to: str | None) -> SignIn:
    """Make a link; its token follows from its number and is stored nowhere."""
    row = SignIn(person_id=person, made_at=now, ends_at=ends_at, return_to=return_to)
    session.add(row)
    session.flush()
    return row


def find(session: Session, number: int, today: date) -> Asked | None:
    """The link with this number; None once its person has left."""
    row = SignIn
    query = (
        select(
            col(row.id),
            col(Person.id),
            col(Person.name),
            col(Person.language),
            col(Person.links_version),
            col(row.ends_at),
            col(row.used_at),
            col(row.return_to),
        )
        .join(Person, col(Person.id) == col(row.person_id))
        .where(col(row.id) == number, _there(today))
    )
    found = session.execute(query).one_or_none()
    return Asked(*found) if found else None


def use(session: Session, number: int, now: datetime) -> bool:
    """Note that a link was used; False where it was before, also by who came in the same moment."""
    unused = update(SignIn).where(col(SignIn.id) == number, col(SignIn.used_at).is_(None))
    return cast("CursorResult[Any]", session.execute(unused.values(used_at=now))).rowcount == 1


def used(session: Session, number: int) -> bool:
    """Tell whether a link was used, or never made."""
    query = select(col(SignIn.id)).where(col(SignIn.id) == number, col(SignIn.used_at).is_(None))
    return session.execute(query).scalar_one_or_none() is None


def by_email(session: Session, email: str, today: date) -> Person | None:
    """Who has this address, in capital letters or not; nobody where several have it."""
    query = select(Person).where(func.lower(col(Person.email)) == email.strip().lower(), _there(today))
    found = session.execute(query.limit(2)).scalars().all()
    return found[0] if len(found) == 1 else None


def _there(today: date) -> Any:
    return or_(col(Person.left_on).is_(None), col(Person.left_on) >= today)

"""Who of our people a Slack account is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from kamflow.models.person import Person
from kamflow.store import teams


@dataclass(frozen=True, slots=True)
class SlackPerson:
    """One of our people who is still with us."""

    id: int
    name: str
    language: str
    zone: str


def by_slack_id(session: Session, slack_id: str, today: date) -> SlackPerson | None:
    """Whom we know by this id of Slack's."""
    return _one(session, col(Person.slack_id) == slack_id, today)


def by_email(session: Session, email: str, today: date) -> SlackPerson | None:
    """Whose address this is; None where nobody's, or where several share it."""
    return _one(session, func.lower(col(Person.email)) == email.lower(), today)


def colleagues(session: Session, but: int, today: date) -> Mapping[int, str]:
    """Who could take something over: everybody who is with us, by name."""
    there = or_(col(Person.left_on).is_(None), col(Person.left_on) >= today)
    query = select(col(Person.id), col(Person.name)).where(there, col(Person.id) != but)
    return dict(session.execute(query.order_by(col(Person.name), col(Person.id))).tuples().all())


def roles(session: Session, person: int) -> frozenset[str]:
    """The roles of a person."""
    return frozenset(teams.roles(session, person))


def _one(session: Session, so: ColumnElement[bool], today: date) -> SlackPerson | None:
    there = or_(col(Person.left_on).is_(None), col(Person.left_on) >= today)
    query = select(col(Person.id), col(Person.name), col(Person.language), col(Person.zone))
    rows = session.execute(query.where(so, there).limit(2)).all()
    return SlackPerson(*rows[0]) if len(rows) == 1 else None

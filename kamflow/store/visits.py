"""Browsers that are signed in: only the hash of their cookie is known here.

Signing in and out leaves an event with ids, for whoever has to look into a break-in. No page, list or export
shows when somebody was there (works council), and the events go with the sessions ([retention] sign_in).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from kamflow.models.person import Person, PersonRole
from kamflow.models.visit import WebSession
from kamflow.store import events
from kamflow.store.retained import SIGNS
from kamflow.store.rows import stored

BEGUN, ENDED = SIGNS


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose browser it is; `number` is that of the session."""

    number: int
    person: int
    name: str
    language: str
    roles: frozenset[str]


def begin(
    session: Session, person: int, token_hash: str, how: str, now: datetime, ends_at: datetime
) -> WebSession:
    """Sign a browser in until `ends_at`; `how` is link or oidc."""
    row = WebSession(token_hash=token_hash, person_id=person, how=how, made_at=now, ends_at=ends_at)
    session.add(row)
    session.flush()
    events.record(session, BEGUN, now, actor=person, visit=stored(row.id), how=how)
    return row


def find(session: Session, token_hash: str, now: datetime, today: date) -> Visit | None:
    """Whose browser shows a cookie with this hash; None once it signed out, ran out or the person left."""
    web = WebSession
    query = (
        select(col(web.id), col(Person.id), col(Person.name), col(Person.language), col(PersonRole.role))
        .join(Person, col(Person.id) == col(web.person_id))
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id), isouter=True)
        .where(col(web.token_hash) == token_hash)
        .where(col(web.ended_at).is_(None), col(web.ends_at) > now)
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= today))
    )
    rows = session.execute(query).all()
    if not rows:
        return None
    number, person, name, language, _ = rows[0]
    return Visit(number, person, name, language, frozenset(row[4] for row in rows if row[4]))


def end(session: Session, number: int, now: datetime) -> bool:
    """Sign one browser out; False where it is already."""
    return bool(end_where(session, col(WebSession.id) == number, now))


def end_all(session: Session, person: int, now: datetime) -> int:
    """Sign a person out everywhere; return how many browsers that were."""
    return end_where(session, col(WebSession.person_id) == person, now)


def end_where(session: Session, which: Any, now: datetime) -> int:
    """End what is running of these; each leaves its event."""
    row = WebSession
    running = update(row).where(which, col(row.ended_at).is_(None)).values(ended_at=now)
    ended = session.execute(running.returning(col(row.id), col(row.person_id))).all()
    for number, person in ended:
        events.record(session, ENDED, now, actor=person, visit=number)
    return len(ended)

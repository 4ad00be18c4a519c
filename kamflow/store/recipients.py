"""What a message needs at the moment it is sent: who it goes to, and the nudges it tells as they are now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person


@dataclass(frozen=True, slots=True)
class Recipient:
    """One of our people, with where they can be reached."""

    id: int
    name: str
    email: str | None
    slack_id: str | None
    language: str
    zone: str
    left_on: date | None
    links_version: int = 1


@dataclass(frozen=True, slots=True)
class Content:
    """What an open nudge says, and who is responsible for it now."""

    id: int
    rule: str
    step: str
    stage: str
    account: int | None
    owner: int
    responsible: int
    since: date
    due_on: date
    urgency: str
    weight: float
    facts: Mapping[str, Any]
    why: Mapping[str, Any]
    closes_by: str
    silent_until: date | None


def recipients(session: Session, persons: Iterable[int]) -> dict[int, Recipient]:
    person = Person
    rows = session.execute(
        select(
            col(person.id),
            col(person.name),
            col(person.email),
            col(person.slack_id),
            col(person.language),
            col(person.zone),
            col(person.left_on),
            col(person.links_version),
        ).where(col(person.id).in_(set(persons)))
    )
    return {row[0]: Recipient(*row) for row in rows}


def contents(session: Session, nudges: Iterable[int]) -> dict[int, Content]:
    """What is still open of these nudges."""
    nudge = StoredNudge
    rows = session.execute(
        select(
            col(nudge.id),
            col(nudge.rule),
            col(nudge.step),
            col(nudge.stage),
            col(nudge.account_id),
            col(nudge.owner_id),
            func.coalesce(col(nudge.assignee_id), col(nudge.owner_id)),
            col(nudge.since),
            col(nudge.due_on),
            col(nudge.urgency),
            col(nudge.weight),
            col(nudge.facts),
            col(nudge.why),
            col(nudge.closes_by),
            col(nudge.snoozed_until),
            col(nudge.quiet_until),
        ).where(col(nudge.id).in_(set(nudges)), col(nudge.closed_at).is_(None))
    )
    return {row[0]: _content(row) for row in rows}


def _content(row: Any) -> Content:
    return Content(*row[:-2], silent_until=max((day for day in row[-2:] if day), default=None))

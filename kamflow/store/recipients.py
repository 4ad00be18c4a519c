"""What a message needs at the moment it is sent: who it goes to, and the nudges it tells as they are now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlmodel import Session

from kamflow.models.tables import METADATA


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


def recipients(
    session: Session, persons: Iterable[int], spoken_to: Callable[[str], str] = str
) -> dict[int, Recipient]:
    """Where they can be reached; `spoken_to` makes of their language the one they are addressed in."""
    rows = _rows(session, _RECIPIENTS, persons)
    return {
        number: Recipient(number, name, email, slack_id, spoken_to(language), zone, left_on, version)
        for number, name, email, slack_id, language, zone, left_on, version in rows
    }


def contents(session: Session, nudges: Iterable[int]) -> dict[int, Content]:
    """What is still open of these nudges."""
    return {row[0]: _content(row) for row in _rows(session, _CONTENTS, nudges)}


def _content(row: Any) -> Content:
    return Content(*row[:-2], silent_until=max((day for day in row[-2:] if day), default=None))


def _rows(session: Session, query: Select[Any], ids: Iterable[int]) -> Sequence[Row[Any]]:
    session.flush()  # tables are asked, which does not do it
    wanted = {*ids}
    return session.execute(query, {"ids": [*wanted]}).all() if wanted else ()


_IDS = bindparam("ids", expanding=True)
_PERSON, _NUDGE = METADATA.tables["person"].c, METADATA.tables["nudge"].c
_RECIPIENTS = select(
    _PERSON.id,
    _PERSON.name,
    _PERSON.email,
    _PERSON.slack_id,
    _PERSON.language,
    _PERSON.zone,
    _PERSON.left_on,
    _PERSON.links_version,
).where(_PERSON.id.in_(_IDS))
_CONTENTS = select(
    _NUDGE.id,
    _NUDGE.rule,
    _NUDGE.step,
    _NUDGE.stage,
    _NUDGE.account_id,
    _NUDGE.owner_id,
    func.coalesce(_NUDGE.assignee_id, _NUDGE.owner_id),
    _NUDGE.since,
    _NUDGE.due_on,
    _NUDGE.urgency,
    _NUDGE.weight,
    _NUDGE.facts,
    _NUDGE.why,
    _NUDGE.closes_by,
    _NUDGE.snoozed_until,
    _NUDGE.quiet_until,
).where(_NUDGE.id.in_(_IDS), _NUDGE.closed_at.is_(None))

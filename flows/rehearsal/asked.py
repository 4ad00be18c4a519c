"""Open nudges as somebody who acts on them sees them."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.nudge import StoredNudge


class Asked(NamedTuple):
    """An open nudge and who acts on it."""

    nudge: int
    person: int
    rule: str
    step: str
    identity: str
    account: int | None
    period: str
    since: date
    due_on: date
    closes_by: str
    facts: Mapping[str, Any]


def asked(session: Session, persons: Mapping[int, int]) -> Iterator[Asked]:
    """Those of the nudges that are still open, with the person who means to act."""
    nudge = StoredNudge
    rows = session.execute(
        select(
            col(nudge.id),
            col(nudge.rule),
            col(nudge.step),
            col(nudge.identity),
            col(nudge.account_id),
            col(nudge.period),
            col(nudge.since),
            col(nudge.due_on),
            col(nudge.closes_by),
            col(nudge.facts),
        )
        .where(col(nudge.id).in_(persons), col(nudge.closed_at).is_(None))
        .order_by(col(nudge.id))
    ).all()
    for number, *rest in rows:
        yield Asked(number, persons[number], *rest)

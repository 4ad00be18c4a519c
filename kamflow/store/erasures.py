"""The list of erasures: who, when, and the hashes that know them again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.erasure import Erased, Erasure, Suppression
from kamflow.store import suppressed
from kamflow.store.rows import stored


@dataclass(frozen=True)
class Noted:
    """One erasure, as it stands in the list; `digests` are keyed hashes, the sorted ones of who it was."""

    number: int
    kind: Erased
    row: int
    day: date
    digests: frozenset[str]


def note(
    session: Session,
    kind: Erased,
    row: int,
    day: date,
    now: datetime,
    actor: int | None,
    found: Collection[str],
) -> int:
    """Write down that somebody was erased; return its number."""
    erasure = Erasure(kind=kind.value, row_id=row, day=day, at=now, actor_id=actor)
    session.add(erasure)
    session.flush()
    number = stored(erasure.id)
    suppressed.note(session, number, found)
    return number


def all_of(session: Session) -> list[Noted]:
    """Every erasure, the oldest first."""
    rows = session.execute(select(Erasure).order_by(col(Erasure.id))).scalars().all()
    known: dict[int, set[str]] = {}
    pairs = select(col(Suppression.erasure_id), col(Suppression.digest))
    for number, digest in session.execute(pairs):
        known.setdefault(number, set()).add(digest)
    return [
        Noted(stored(row.id), Erased(row.kind), row.row_id, row.day, frozenset(known.get(row.id or 0, ())))
        for row in rows
    ]

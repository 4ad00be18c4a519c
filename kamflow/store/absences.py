"""On which days people are away."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.person import Absence
from kamflow.workdays import Span


def between(session: Session, person: int, first: date, last: date) -> list[Absence]:
    """The absences of a person that have a day from `first` to `last`."""
    rows = session.execute(
        select(Absence)
        .where(col(Absence.person_id) == person)
        .where(col(Absence.from_day) <= last, col(Absence.until_day) >= first)
        .order_by(col(Absence.from_day), col(Absence.id))
        .execution_options(populate_existing=True)
    )
    return list(rows.scalars())


def replace(session: Session, person: int, old: Iterable[Absence], new: Iterable[Span]) -> None:
    """Write other stretches in place of these."""
    for row in old:
        session.delete(row)
    for first, last in new:
        session.add(Absence(person_id=person, from_day=first, until_day=last))
    session.flush()

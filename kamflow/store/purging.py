"""Delete what is older than its limit, a few hundred rows to a transaction: whoever else writes gets between.

Which rows those are is looked up by a reader first; each transaction looks again, for meanwhile somebody may
have sent a message again. Nothing goes that a rule, the cadence or a report still reads, and never the newest
row of a table: SQLite would give its number to the next one, and an old link would lead there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, func, select, update
from sqlmodel import Session, col

from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyUnnamed
from kamflow.store import engine as db
from kamflow.store import purging_rows as rows
from kamflow.store.purging_rows import Goes
from kamflow.store.retained import Limits

CHUNK = 250  # rows of one transaction: some 20 ms of SQLite's only writer
MOST = 50_000  # numbers looked up at once


@dataclass(frozen=True)
class Emptied:
    """A column of free text whose row stays."""

    name: str
    key: Any
    where: Callable[[Limits], tuple[Any, ...]]
    values: dict[str, None]


def _texts() -> tuple[Emptied, ...]:
    answer, unnamed, invitation = SurveyAnswer, SurveyUnnamed, SurveyInvitation
    return (
        Emptied(
            "survey_answer",
            col(answer.invitation_id),
            lambda old: (col(answer.comment).is_not(None), col(answer.changed_at) < old.at["answer"]),
            {"comment": None},
        ),
        Emptied(
            "survey_unnamed",
            col(unnamed.id),
            lambda old: (col(unnamed.comment).is_not(None), col(unnamed.answered_on) < old.day["answer"]),
            {"comment": None},
        ),
        Emptied(
            "survey_invitation",
            col(invitation.id),
            lambda old: (
                col(invitation.struck_reason).is_not(None),
                col(invitation.struck_on) < old.day["answer"],
            ),
            {"struck_reason": None},
        ),
    )


def counts(session: Session, old: Limits) -> dict[str, int]:
    """Table -> how many of its rows would go, or lose their text; those below them are not counted."""
    found = {goes.name: _many(session, goes.key, goes.where(session, old)) for goes in rows.all_of_them()}
    for text in _texts():
        found[text.name] = _many(session, text.key, text.where(old))
    return {name: many for name, many in found.items() if many}


def _many(session: Session, key: Any, where: Iterable[Any]) -> int:
    rows_found = select(key).where(*where).subquery()
    return session.execute(select(func.count()).select_from(rows_found)).scalar_one()


def purge(engine: Engine, old: Limits, go_on: Callable[[], bool]) -> tuple[dict[str, int], bool]:
    """Delete until nothing old is left or `go_on` says no: table -> how many went, and whether all did."""
    gone: dict[str, int] = {}
    for name, numbers, chunk in _work(engine, old):
        for first in range(0, len(numbers), CHUNK):
            some = numbers[first : first + CHUNK]
            if not go_on():
                return gone, False
            with db.write(engine) as session:
                if many := chunk(session, some):
                    gone[name] = gone.get(name, 0) + many
    return gone, True


def _work(engine: Engine, old: Limits) -> Iterable[tuple[str, list[int], Callable[[Session, Any], int]]]:
    """What is to go, one kind after the other: what rests on the rest comes first."""
    for goes in rows.all_of_them():
        while numbers := _numbers(engine, goes, old):
            yield goes.name, numbers, lambda session, some, goes=goes: _delete(session, goes, some, old)
            if len(numbers) < MOST:
                break
    for text in _texts():
        with db.read(engine) as session:
            numbers = list(session.execute(select(text.key).where(*text.where(old))).scalars())
        yield text.name, numbers, lambda session, some, text=text: _empty(session, text, some)


def _numbers(engine: Engine, goes: Goes, old: Limits) -> list[int]:
    with db.read(engine) as session:
        query = select(goes.key).where(*goes.where(session, old)).order_by(*goes.order).limit(MOST)
        return list(session.execute(query).scalars())


def _delete(session: Session, goes: Goes, some: Iterable[Any], old: Limits) -> int:
    still = select(goes.key).where(goes.key.in_(list(some)), *goes.where(session, old))
    numbers = list(session.execute(still).scalars())
    if not numbers:
        return 0
    for below in goes.below:
        session.execute(delete(below.class_).where(below.in_(numbers)))
    for own in goes.chained(numbers):
        session.execute(own)
    session.execute(delete(goes.table).where(goes.key.in_(numbers)))
    return len(numbers)


def _empty(session: Session, text: Emptied, some: Iterable[Any]) -> int:
    numbers = list(some)
    session.execute(update(text.key.class_).where(text.key.in_(numbers)).values(text.values))
    return len(numbers)

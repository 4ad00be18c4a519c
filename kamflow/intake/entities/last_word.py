"""What a source said last of its interactions, so that what somebody told kamflow meanwhile stays.

A contact that was called off here, or told apart from a visit of several, is not brought back by the next
import of the same file. Only where the source says something else than before, its new word counts.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from kamflow.intake.upsert import chunks
from kamflow.models.interaction import Encounter, Interaction, InteractionState

PLANNED = "planned"  # the source states no state: held once its day has come, booked before

Pairs = frozenset[tuple[int, int]]


class Told(Protocol):
    """An interaction as a source tells it, found again as `row_id`."""

    values: dict[str, Any]
    row_id: int | None
    told: str | None


class _Row(NamedTuple):
    id: int
    state: str
    day: date
    told: str | None


def keep(session: Session, meetings: Sequence[Told]) -> None:
    """Note what the source says, and leave the state alone where it says nothing new."""
    stored = _rows(session, [each.row_id for each in meetings if each.row_id is not None])
    anew: list[int] = []
    for each in meetings:
        word = each.told or each.values["state"]
        row = stored.get(each.row_id or 0)
        if row is not None and (row.told, row.day) != (word, each.values["day"]):
            anew.append(row.id)
        elif row is not None and _changed_here(row):
            each.values["state"] = row.state
        each.values["told"] = word
    for chunk in chunks(anew):
        # The new word is about everybody; what was told apart before it stands for itself.
        apart = update(Interaction).where(col(Interaction.part_of_id).in_(chunk))
        session.execute(apart.values(part_of_id=None))


def elsewhere(session: Session, meetings: Iterable[Told]) -> dict[int, Pairs]:
    """By interaction, the pairs that were told apart from it here."""
    rows = [each.row_id for each in meetings if each.row_id is not None]
    found: dict[int, set[tuple[int, int]]] = {}
    for chunk in chunks(rows):
        query = (
            select(col(Interaction.part_of_id), col(Encounter.person_id), col(Encounter.contact_id))
            .join(Encounter, col(Encounter.interaction_id) == col(Interaction.id))
            .where(col(Interaction.part_of_id).in_(chunk))
        )
        for row, person, contact in session.execute(query):
            found.setdefault(row, set()).add((person, contact))
    return {row: frozenset(each) for row, each in found.items()}


def forget(session: Session, row: int, dropped: Pairs) -> None:
    """Take out of what was told apart the pairs that the source no longer names at all."""
    apart = select(col(Interaction.id)).where(col(Interaction.part_of_id) == row)
    for person, contact in dropped:
        session.execute(
            delete(Encounter)
            .where(col(Encounter.interaction_id).in_(apart))
            .where(col(Encounter.person_id) == person, col(Encounter.contact_id) == contact)
        )


def pairs(session: Session, rows: Sequence[int]) -> dict[int, Pairs]:
    """By interaction, the pairs that are in it."""
    found: dict[int, set[tuple[int, int]]] = {}
    for chunk in chunks(rows):
        query = select(
            col(Encounter.interaction_id), col(Encounter.person_id), col(Encounter.contact_id)
        ).where(col(Encounter.interaction_id).in_(chunk))
        for row, person, contact in session.execute(query):
            found.setdefault(row, set()).add((person, contact))
    return {row: frozenset(each) for row, each in found.items()}


def _changed_here(row: _Row) -> bool:
    if row.told == PLANNED:
        return row.state == InteractionState.CANCELLED
    return row.state != row.told


def _rows(session: Session, ids: Sequence[int]) -> dict[int, _Row]:
    columns = (col(Interaction.id), col(Interaction.state), col(Interaction.day), col(Interaction.told))
    found: dict[int, _Row] = {}
    for chunk in chunks(ids):
        for row in session.execute(select(*columns).where(col(Interaction.id).in_(chunk))):
            found[row[0]] = _Row._make(row)
    return found

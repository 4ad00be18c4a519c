"""The contact matrix as values: what stands in the database, and how a cell is written."""

import re
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.intake.rows import Cell, text
from kamflow.models.account import Account, Team
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.person import Person
from kamflow.periods import Period

MARK = "kamflow:keys"
_RATIO = re.compile(r"(\d{1,3}|[-–])?\s*/\s*(\d{1,3})")


@dataclass(frozen=True, slots=True)
class Head:
    """A contact: the head of a column."""

    contact: int
    key: str
    name: str
    position: str | None
    influence: int | None


@dataclass(frozen=True, slots=True)
class Side:
    """A person of ours: the two lines of a row."""

    person: int
    key: str
    name: str
    function: str | None


@dataclass(frozen=True, slots=True)
class Target:
    """What is agreed for a pair: how often, about what."""

    row_id: int
    soll: int
    topic: str | None


@dataclass(slots=True)
class Matrix:
    """All of one account and period. `ist` counts days on which the pair met.

    `lagging`: of whom it is marked that they lag behind, None: of all (works council).
    """

    account: Account
    period: Period
    heads: list[Head] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)
    targets: dict[tuple[int, int], Target] = field(default_factory=dict)
    ist: dict[tuple[int, int], int] = field(default_factory=dict)
    lagging: frozenset[int] | None = None


def load(session: Session, account: Account, period: Period, today: date) -> Matrix:
    """Read an account's matrix: its contacts of today, our people with a target or in the team."""
    matrix = Matrix(account, period)
    places = (
        select(Contact, Place)
        .join(Place, col(Place.contact_id) == col(Contact.id))
        .where(col(Place.account_id) == account.id)
        .where(or_(col(Place.until_day).is_(None), col(Place.until_day) >= today))
        .order_by(col(Place.id))
    )
    contact_of: dict[int, int] = {}
    for contact, place in session.execute(places):
        contact_of[place.id] = contact.id
        if contact.id not in {each.contact for each in matrix.heads}:
            matrix.heads.append(Head(contact.id, contact.key, contact.name, place.position, place.influence))
    people = _targets(session, matrix, contact_of)
    _sides(session, matrix, people, today)
    _ist(session, matrix)
    return matrix


def _targets(session: Session, matrix: Matrix, contact_of: dict[int, int]) -> list[int]:
    query = (
        select(ContactTarget)
        .where(col(ContactTarget.place_id).in_(contact_of))
        .where(col(ContactTarget.period_first) == matrix.period.first)
        .where(col(ContactTarget.period_last) == matrix.period.last)
        .order_by(col(ContactTarget.id))
    )
    people: list[int] = []
    for each in session.execute(query).scalars():
        people.append(each.person_id)
        pair = (each.person_id, contact_of[each.place_id])
        matrix.targets[pair] = Target(each.id or 0, each.soll, each.topic)
    return people


def _sides(session: Session, matrix: Matrix, people: list[int], today: date) -> None:
    team = select(col(Team.person_id)).where(
        col(Team.account_id) == matrix.account.id,
        or_(col(Team.until_day).is_(None), col(Team.until_day) >= today),
    )
    order = list(dict.fromkeys([*people, *session.execute(team.order_by(col(Team.id))).scalars()]))
    query = select(Person).where(col(Person.id).in_(order))
    found = {each.id: each for each in session.execute(query).scalars()}
    matrix.sides = [Side(row, found[row].key, found[row].name, found[row].position) for row in order]


def _ist(session: Session, matrix: Matrix) -> None:
    query = (
        select(col(Encounter.person_id), col(Encounter.contact_id), col(Interaction.day))
        .join(Interaction, col(Interaction.id) == col(Encounter.interaction_id))
        .where(col(Encounter.contact_id).in_([each.contact for each in matrix.heads]))
        .where(col(Interaction.state) == InteractionState.HELD)
        .where(col(Interaction.day).between(matrix.period.first, matrix.period.last))
        .distinct()
    )
    for person, contact, _ in session.execute(query):
        matrix.ist[person, contact] = matrix.ist.get((person, contact), 0) + 1


def ratio(cell: Cell) -> tuple[int | None, int]:
    """Ist and Soll out of "2/6". Excel turns it into a date; then only 1/1, 2/2 … can be told.

    Raises:
        ValueError: it is none; the message says what was expected.
    """
    if isinstance(cell, date):
        if cell.day == cell.month:
            return cell.month, cell.day
        raise ValueError("Ist/Soll such as 2/6; Excel made a date of it: format the cell as text")
    found = _RATIO.fullmatch(text(cell).strip())
    if found is None:
        raise ValueError("Ist/Soll such as 2/6 (0/0 where there is no target any more)")
    return (int(found[1]) if found[1] and found[1].isdecimal() else None), int(found[2])

"""Which pairs met, or mean to meet, on a day; and where contacts have their place."""

from collections.abc import Collection
from datetime import date
from typing import TypeAlias, cast

from sqlalchemy import select, update
from sqlmodel import Session, col

from kamflow.models.contact import Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState

Pair: TypeAlias = tuple[int, int]  # person, contact

# Whoever writes interactions holds it: a person who logs one, and an import.
LOCK = "interactions"

# Two sources may tell of one day: what took place counts before what was meant to.
_ORDER = (InteractionState.HELD, InteractionState.BOOKED, InteractionState.CANCELLED)


def on(
    session: Session, day: date, persons: Collection[int], contacts: Collection[int]
) -> dict[Pair, list[Interaction]]:
    """All that is known of each pair of these people on that day: held first, cancelled last."""
    rows = session.execute(
        select(Interaction, col(Encounter.person_id), col(Encounter.contact_id))
        .join(Encounter, col(Encounter.interaction_id) == col(Interaction.id))
        .where(col(Interaction.day) == day)
        .where(col(Encounter.person_id).in_(persons), col(Encounter.contact_id).in_(contacts))
        .order_by(col(Interaction.id))
        .execution_options(populate_existing=True)
    ).all()
    known: dict[Pair, list[Interaction]] = {}
    for interaction, person, contact in sorted(rows, key=lambda row: _ORDER.index(row[0].state)):
        known.setdefault((person, contact), []).append(interaction)
    return known


def add(session: Session, interaction: Interaction, pairs: Collection[Pair]) -> int:
    """Store an interaction with the pairs that met in it; return its id."""
    session.add(interaction)
    session.flush()
    number = cast("int", interaction.id)
    for person, contact in pairs:
        session.add(Encounter(interaction_id=number, person_id=person, contact_id=contact))
    session.flush()
    return number


def pairs(session: Session, interaction: int) -> set[Pair]:
    """Everyone who is in an interaction, pair by pair."""
    rows = session.execute(
        select(col(Encounter.person_id), col(Encounter.contact_id)).where(
            col(Encounter.interaction_id) == interaction
        )
    )
    return {(person, contact) for person, contact in rows}


def move(session: Session, moved: Collection[Pair], source: int, target: int) -> None:
    """Put pairs of one interaction into another."""
    for person, contact in moved:
        session.execute(
            update(Encounter)
            .where(col(Encounter.interaction_id) == source)
            .where(col(Encounter.person_id) == person, col(Encounter.contact_id) == contact)
            .values(interaction_id=target)
        )


def places(session: Session, contact: int, day: date) -> list[int]:
    """The accounts at which a contact has a place on that day, else those where there was one."""
    rows = session.execute(
        select(col(Place.account_id), col(Place.from_day), col(Place.until_day))
        .where(col(Place.contact_id) == contact)
        .order_by(col(Place.id))
    ).all()
    valid = [
        account
        for account, first, last in rows
        if (first is None or first <= day) and (last is None or day <= last)
    ]
    return list(dict.fromkeys(valid or [account for account, _, _ in rows]))

"""Contacts that took place or are booked [Kontakt, Ist]."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant


class InteractionState(StrEnum):
    BOOKED = "booked"
    HELD = "held"
    CANCELLED = "cancelled"


class Interaction(SQLModel, table=True):
    """A visit, call, video, mail or event. All its sources stand in external_reference."""

    __table_args__ = (Index("ix_interaction_account_day", "account_id", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int | None = Field(default=None, foreign_key="account.id")
    kind: str = "visit"
    state: str = InteractionState.HELD
    day: date
    starts_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    minutes: int | None = None
    source: str = Field(default="kamflow", description="who told us first")
    uid: str | None = Field(default=None, index=True)
    sequence: int | None = None
    told: str | None = Field(
        default=None,
        description="what its source said last: held, booked, cancelled, or planned (its day decides)",
    )
    part_of_id: int | None = Field(
        default=None,
        foreign_key="interaction.id",
        index=True,
        description="the source's interaction of which these pairs were told apart here",
    )
    logged_by_id: int | None = Field(default=None, foreign_key="person.id")
    round_id: int | None = Field(
        default=None,
        foreign_key="meeting_round.id",
        description="the round of an annual meeting because of which it was booked; it moves with it",
    )


class Encounter(SQLModel, table=True):
    """One pair that met in an interaction. Same pair, same day is one contact, however often stored."""

    __table_args__ = (Index("ix_encounter_pair", "contact_id", "person_id"),)
    interaction_id: int = Field(foreign_key="interaction.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    contact_id: int = Field(foreign_key="contact.id", primary_key=True)

"""Humans at customers, their places there, and how often we mean to meet them."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel


class Consent(StrEnum):
    GIVEN = "given"
    RELATIONSHIP = "relationship"
    OBJECTED = "objected"


class Contact(SQLModel, table=True):
    """A human at customers. `survey_consent` carries its date, source and wording."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    first_name: str | None = None
    last_name: str
    salutation: str | None = None
    email: str | None = Field(default=None, index=True)
    unreachable_on: date | None = Field(default=None, description="a bounce said that the address is dead")
    phone: str | None = None
    language: str | None = None
    country: str | None = None
    region: str | None = None
    zone: str | None = None
    survey_consent: str | None = None
    consent_on: date | None = None
    consent_source: str | None = None
    consent_wording: str | None = None
    erased_on: date | None = Field(default=None, description="name and addresses were erased; counts stay")

    @property
    def name(self) -> str:
        return f"{self.first_name or ''} {self.last_name}".strip()


class Place(SQLModel, table=True):
    """A contact's position at an account. `influence` [Einfluss] is 1 to 10, or unknown."""

    __table_args__ = (
        Index("ix_place_account", "account_id"),
        Index("ix_place_contact", "contact_id"),
        CheckConstraint("influence IS NULL OR influence BETWEEN 1 AND 10", name="ck_place_influence"),
    )
    id: int | None = Field(default=None, primary_key=True)
    contact_id: int = Field(foreign_key="contact.id")
    account_id: int = Field(foreign_key="account.id")
    position: str | None = None
    department: str | None = None
    level: str = "other"
    buying_role: str | None = None
    influence: int | None = None
    reports_to_id: int | None = Field(default=None, foreign_key="contact.id")
    from_day: date | None = None
    until_day: date | None = None


class ContactTarget(SQLModel, table=True):
    """Soll: how often a person means to meet the contact of a place within a period."""

    __tablename__ = "contact_target"
    __table_args__ = (
        UniqueConstraint("person_id", "place_id", "period_first", "period_last"),
        Index("ix_contact_target_place", "place_id"),
        CheckConstraint("soll >= 0", name="ck_contact_target_soll"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    place_id: int = Field(foreign_key="place.id")
    period_first: date
    period_last: date
    soll: int
    topic: str | None = None
    from_day: date | None = None
    until_day: date | None = None

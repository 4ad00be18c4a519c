"""The customer, its closing periods, our team there, and the ids other systems use for our rows."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class AccountClass(StrEnum):
    KEY = "key"
    MAJOR = "major"
    TARGET = "target"
    A = "A"
    B = "B"
    C = "C"


class TeamRole(StrEnum):
    KAM = "kam"
    SPONSOR = "sponsor"
    CORE = "core"
    AD_HOC = "ad-hoc"


class Account(SQLModel, table=True):
    """A customer, or a site or debtor below one (`parent_id`): a group rolls up what is below it."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str = Field(index=True)
    account_class: str | None = None
    parent_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    industry: str | None = None
    website: str | None = None
    city: str | None = None
    country: str | None = None
    region: str | None = None
    language: str | None = None
    zone: str | None = None
    currency: str | None = None
    meeting_month: int | None = Field(default=None, description="planned month of the annual meeting")
    meeting_month_on: date | None = Field(default=None, description="day on which that was set")
    approver_id: int | None = Field(default=None, foreign_key="person.id")
    closed_on: date | None = None


class AccountPolicy(SQLModel, table=True):
    """A threshold that the head of KAM set for one account from a day on; none: the default again."""

    __tablename__ = "account_policy"
    __table_args__ = (UniqueConstraint("account_id", "name", "from_day"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str = Field(description="such as contact_shortfall.gap")
    value: Any = Field(default=None, sa_column=Column(Json))
    from_day: date
    set_by_id: int | None = Field(default=None, foreign_key="person.id")


class AccountClosing(SQLModel, table=True):
    """Days on which the customer is closed."""

    __tablename__ = "account_closing"
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    from_day: date
    until_day: date


class Team(SQLModel, table=True):
    """A person's place in the team of an account."""

    __table_args__ = (
        Index("ix_team_account", "account_id"),
        Index("ix_team_person", "person_id"),
        UniqueConstraint("person_id", "account_id", "role", "from_day"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    account_id: int = Field(foreign_key="account.id")
    role: str
    from_day: date | None = None
    until_day: date | None = None


class ExternalReference(SQLModel, table=True):
    """(source, kind, external id) -> our row. Several may point at one row; numbers are text."""

    __tablename__ = "external_reference"
    __table_args__ = (
        UniqueConstraint("source", "kind", "external_id"),
        Index("ix_external_reference_row", "kind", "row_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    source: str
    kind: str = Field(description="person, account, contact, project, interaction, revenue …")
    external_id: str
    row_id: int


class Pause(SQLModel, table=True):
    """Nothing is asked about this account (or by this rule about it) until a date, with a reason."""

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    rule: str | None = None
    until_day: date
    reason: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    paused_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    resumed_at: datetime | None = Field(default=None, sa_column=Column(Instant))

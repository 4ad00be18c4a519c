"""The tools of KAM training as data. What is internal never reaches a document for the customer."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import INTERNAL, Money


class Rating(StrEnum):
    BETTER = "+"
    EQUAL = "0"
    WORSE = "-"


class Position(SQLModel, table=True):
    """Attractiveness x competitive position of an account (0-100 each) and its strategy. Internal.

    What is not entered follows from the criteria of the same account and day.
    """

    __table_args__ = (UniqueConstraint("account_id", "rated_on"), INTERNAL)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    rated_on: date
    attractiveness: int | None = None
    competitive: int | None = None
    strategy: str | None = Field(default=None, sa_column=Column(Text))
    version: int = 1


class Axis(StrEnum):
    ATTRACTIVENESS = "attractiveness"
    COMPETITIVE = "competitive"


class PositionCriterion(SQLModel, table=True):
    """One weighted criterion (0-100 points) of an axis of an account's position on a day. Internal."""

    __tablename__ = "position_criterion"
    __table_args__ = (UniqueConstraint("account_id", "rated_on", "axis", "name"), INTERNAL)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    rated_on: date
    axis: str
    name: str
    weight: int = 1
    points: int | None = None
    version: int = 1


class Gap(SQLModel, table=True):
    """One service rated against need and best competitor [Abweichungsanalyse]. Internal."""

    __table_args__ = (
        CheckConstraint("need IS NULL OR need IN ('+', '0', '-')", name="ck_gap_need"),
        CheckConstraint("competitor IS NULL OR competitor IN ('+', '0', '-')", name="ck_gap_competitor"),
        INTERNAL,
    )
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    service: str
    need: str | None = None
    competitor: str | None = None
    competitor_name: str | None = None
    factor: str | None = Field(default=None, description="what the competitor does better")
    action: str | None = Field(default=None, sa_column=Column(Text))
    chance: bool = False
    measure_id: int | None = Field(default=None, foreign_key="measure.id")
    rated_on: date | None = None
    version: int = 1


class Competitor(SQLModel, table=True):
    """A rival at an account: revenue there, strengths, weaknesses. Internal."""

    __table_args__ = INTERNAL
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    name: str
    rank: int = 1
    revenue: Decimal | None = Field(default=None, sa_column=Column(Money))
    strengths: str | None = Field(default=None, sa_column=Column(Text))
    weaknesses: str | None = Field(default=None, sa_column=Column(Text))
    noted_on: date | None = None
    version: int = 1


class Complaint(SQLModel, table=True):
    """Opened and closed; while one is open its contacts are not surveyed. Internal."""

    __table_args__ = INTERNAL
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    subject: str
    opened_on: date
    closed_on: date | None = None
    resolution: str | None = Field(default=None, sa_column=Column(Text))
    version: int = 1


class BusinessCase(SQLModel, table=True):
    """A benefit for the customer as a figure with its basis."""

    __tablename__ = "business_case"
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    benefit: str
    amount: Decimal | None = Field(default=None, sa_column=Column(Money))
    unit: str | None = None
    basis: str | None = Field(default=None, sa_column=Column(Text))
    made_on: date | None = None
    version: int = 1


class Negotiation(SQLModel, table=True):
    """Aim, limit, give and take of a negotiation. Internal."""

    __table_args__ = INTERNAL
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    meeting_id: int | None = Field(default=None, foreign_key="annual_meeting.id")
    topic: str
    aim: str | None = Field(default=None, sa_column=Column(Text))
    limit: str | None = Field(default=None, sa_column=Column("bottom_line", Text))
    give: str | None = Field(default=None, sa_column=Column(Text))
    take: str | None = Field(default=None, sa_column=Column(Text))
    version: int = 1


class CollaborationRule(SQLModel, table=True):
    """Rules of collaboration [Spielregeln]: working days a department needs for a kind of request."""

    __tablename__ = "collaboration_rule"
    __table_args__ = (UniqueConstraint("department_id", "kind"),)
    id: int | None = Field(default=None, primary_key=True)
    department_id: int = Field(foreign_key="department.id")
    kind: str
    lead_time: int = Field(description="working days before the customer date")
    for_meeting: bool = Field(default=False, description="asked for before every annual meeting")
    version: int = 1

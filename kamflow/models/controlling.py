"""What a quarter showed: the scorecard that was kept, and the KAM's comment on it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import INTERNAL, Instant, Json


class StoredScorecard(SQLModel, table=True):
    """The figures of one account and quarter as they stood, each with date and source."""

    __tablename__ = "scorecard"
    __table_args__ = (UniqueConstraint("account_id", "quarter_first"), INTERNAL)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    quarter_first: date
    quarter_last: date
    state: str = Field(description="preliminary or complete")
    light: str | None = None
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    digest: str = Field(description="of figures and lights: kept anew when it changes")
    kept_on: date


class QuarterComment(SQLModel, table=True):
    """The KAM's word on a quarter: why, what follows, plan looked through."""

    __tablename__ = "quarter_comment"
    __table_args__ = (UniqueConstraint("account_id", "quarter_first"), INTERNAL)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    quarter_first: date
    quarter_last: date
    text: str = Field(sa_column=Column(Text, nullable=False))
    plan_reviewed: bool = False
    measure_id: int | None = Field(default=None, foreign_key="measure.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    commented_on: date
    commented_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    version: int = 1

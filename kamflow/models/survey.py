"""A wave of questions to one account, who was asked, and what they said [Umfrage]."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class SurveyWave(SQLModel, table=True):
    """One survey of one account in a fiscal year; `imported` where it was held elsewhere."""

    __tablename__ = "survey_wave"
    __table_args__ = (UniqueConstraint("account_id", "year_first", "source"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    year_first: date
    year_last: date
    source: str = Field(default="kamflow", description="who asked; kamflow plans one wave a year")
    send_on: date = Field(description="fixed when the wave was put together")
    dimensions: list[str] | None = Field(default=None, sa_column=Column(Json))
    stopped_on: date | None = None
    stopped_reason: str | None = None
    imported: bool = False
    scale: str | None = Field(default=None, description="of imported answers, where it was not 0..10")
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class SurveyInvitation(SQLModel, table=True):
    """One contact on the list of a wave. Only the hash of its token is stored; a new version revokes it."""

    __tablename__ = "survey_invitation"
    __table_args__ = (
        UniqueConstraint("wave_id", "contact_id"),
        Index("ix_survey_invitation_contact", "contact_id", "invited_on"),
    )
    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = Field(foreign_key="survey_wave.id")
    contact_id: int = Field(foreign_key="contact.id")
    invited_on: date | None = Field(default=None, description="day of the effect `invite`")
    reminded_on: date | None = None
    struck_on: date | None = None
    struck_by_id: int | None = Field(default=None, foreign_key="person.id")
    struck_reason: str | None = None
    token_hash: str | None = Field(default=None, unique=True)
    version: int = 1
    closes_on: date | None = Field(default=None, description="the last day to answer, as its mail said")


class SurveyAnswer(SQLModel, table=True):
    """What one contact said, as changed last. No score is not a score of 0."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10", name="ck_survey_answer_score"),
    )
    invitation_id: int = Field(foreign_key="survey_invitation.id", primary_key=True)
    score: int | None = None
    comment: str | None = Field(default=None, sa_column=Column(Text))
    first_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    changed_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    version: int = 1


class SurveyRating(SQLModel, table=True):
    """Expectation and experience, 0 to 10 each, of one dimension of an answer."""

    __tablename__ = "survey_rating"
    invitation_id: int = Field(foreign_key="survey_answer.invitation_id", primary_key=True)
    dimension: str = Field(primary_key=True)
    expectation: int | None = None
    experience: int | None = None


class SurveyUnnamed(SQLModel, table=True):
    """An answer held elsewhere whose giver nobody named. It counts in the score, of the buying centre it
    covers nobody. `ratings` are [expectation, experience] by dimension."""

    __tablename__ = "survey_unnamed"
    __table_args__ = (
        UniqueConstraint("wave_id", "key"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10", name="ck_survey_unnamed_score"),
    )
    id: int | None = Field(default=None, primary_key=True)
    wave_id: int = Field(foreign_key="survey_wave.id")
    key: str = Field(description="what its source calls the answer")
    answered_on: date
    score: int | None = None
    comment: str | None = Field(default=None, sa_column=Column(Text))
    ratings: dict[str, list[int | None]] | None = Field(default=None, sa_column=Column(Json))

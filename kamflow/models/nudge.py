"""Nudges, effects and tellings as rows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class StoredNudge(SQLModel, table=True):
    """One thing one person should do. One living row per identity; due again later is a new row.

    `fingerprint` is a digest of all that the rule says, so that a night on which nothing changed
    compares without reading `facts`.
    """

    __tablename__ = "nudge"
    __table_args__ = (
        Index(
            "uq_nudge_living",
            "identity",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_nudge_rule_account", "rule", "account_id"),
        Index("ix_nudge_assignee", "assignee_id"),
        Index("ix_nudge_owner", "owner_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    identity: str
    rule: str
    subject: str
    period: str
    step: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    owner_id: int = Field(foreign_key="person.id")
    assignee_id: int | None = Field(default=None, foreign_key="person.id")
    since: date
    due_on: date
    urgency: str = "daily"
    weight: float = 0.0
    group_key: str
    stage: str = ""
    closes_by: str = "facts"
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    why: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    fingerprint: str
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    opened_on: date
    staged_on: date = Field(description="day of the run that set the present stage")
    closed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    closed_on: date | None = None
    closed_as: str | None = Field(
        default=None, description="done, lapsed, paused, gone (its owner left) or account closed"
    )
    snoozed_until: date | None = None
    quiet_until: date | None = Field(default=None, description="Done was said but the facts stay open")
    trace: str | None = Field(default=None, description="of the run that opened it")


class StepDone(SQLModel, table=True):
    """A person's word that a step is done, where no fact can tell (`closes_by` = word)."""

    __tablename__ = "step_done"
    identity: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    done_on: date
    done_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class StoredEffect(SQLModel, table=True):
    """A one-off consequence that happened; its key makes it happen once."""

    __tablename__ = "effect"
    __table_args__ = (Index("ix_effect_account", "account_id"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    as_of: date
    done_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class Telling(SQLModel, table=True):
    """Who was told of which nudge, the how-manieth time, why, and in which message."""

    __table_args__ = (
        Index("ix_telling_nudge", "nudge_id", "person_id"),
        Index("ix_telling_message", "message_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    nudge_id: int = Field(foreign_key="nudge.id")
    person_id: int = Field(foreign_key="person.id")
    number: int
    reason: str
    stage: str = ""
    told_on: date
    message_id: int = Field(foreign_key="message.id")

"""The outbox: messages with the ids they are about (never their text), and documents."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class MessageState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    AMBIGUOUS = "ambiguous"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StoredMessage(SQLModel, table=True):
    """One message to one recipient by one channel. Rendered at delivery; the body is not stored."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due", "state", "due_at"),
        # Operations count a large outbox every few seconds without reading a message.
        Index("ix_message_pile", "state", "channel", "cause", "due_at"),
        Index("ix_message_sent", "channel", "sent_at"),
        Index("ix_message_person", "person_id"),
        Index("ix_message_instead_of", "instead_of_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    kind: str = Field(description="nudges, document, invitation, calendar, notice, alert, sign-in")
    channel: str
    template: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    priority: int = Field(default=5, description="0 is first: urgent before digests")
    state: str = MessageState.WAITING
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    due_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    attempts: int = 0
    leased_by: str | None = None
    leased_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    mail_id: str | None = Field(default=None, description="Message-ID, the same for every attempt")
    provider_id: str | None = Field(default=None, description="what the other side calls it")
    sent_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    cause: str | None = None
    instead_of_id: int | None = Field(default=None, foreign_key="message.id")
    trace: str | None = Field(default=None, description="of what it tells; several: of the first")


class MessageStep(SQLModel, table=True):
    """One step in a message's life: its history, in words a person understands."""

    __tablename__ = "message_step"
    __table_args__ = (Index("ix_message_step_message", "message_id"),)
    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id")
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    state: str
    cause: str | None = None


class Document(SQLModel, table=True):
    """The facts a document was made from and their hash."""

    __table_args__ = (Index("ix_document_subject", "kind", "account_id"),)
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    account_id: int | None = Field(default=None, foreign_key="account.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    round_id: int | None = Field(default=None, foreign_key="meeting_round.id")
    revision: int | None = None
    as_of: date
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    digest: str
    message_id: int | None = Field(default=None, foreign_key="message.id")


class AdoptedHome(SQLModel, table=True):
    """A home that may compose and deliver from this database."""

    __tablename__ = "adopted_home"
    host: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    adopted_at: datetime = Field(sa_column=Column(Instant, nullable=False))

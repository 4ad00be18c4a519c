"""What happened (append-only), and the batches in which it sets flows in motion."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class Event(SQLModel, table=True):
    """One thing that happened, written in the transaction that made it happen.

    `payload` holds ids and figures, never a name, an address or free text. `via` is the door it came in by.
    Only `relayed_at` is written later: until then the relay still has to look at it.
    """

    __table_args__ = (
        Index("ix_event_name", "name", "id"),
        Index("ix_event_account", "account_id"),
        Index(
            "ix_event_waiting",
            "id",
            sqlite_where=text("relayed_at IS NULL"),
            postgresql_where=text("relayed_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")
    payload: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    via: str | None = Field(
        default=None, description="page, link, slack, mail, api; a command or flow has none"
    )
    relayed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    trace: str | None = Field(default=None, description="of the run that wrote it")


class RelayBatch(SQLModel, table=True):
    """Events that start one run of a flow; asked for under `batch:<id>` until it is answered.

    `state` is waiting (not asked for yet), asked (Prefect knows it) or done (its run has ended, however).
    An empty list of accounts means all of them.
    """

    __tablename__ = "relay_batch"
    __table_args__ = (Index("ix_relay_batch_state", "state"),)
    id: int | None = Field(default=None, primary_key=True)
    flow: str
    as_of: date
    accounts: list[int] = Field(sa_column=Column(Json, nullable=False))
    last_event_id: int
    state: str = "waiting"
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    asked_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    done_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    cause: str | None = Field(
        default=None, description="why it could not be asked for or its run did not finish, in a word"
    )
    due_at: datetime | None = Field(default=None, sa_column=Column(Instant), description="not asked before")
    failed: int = Field(default=0, sa_column_kwargs={"server_default": "0"}, description="runs in vain")
    prefect_id: str | None = None
    trace: str | None = Field(default=None, description="of its first event")
    fixed_day: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": text("false")},
        description="somebody asked for this very day: it is not moved to today",
    )


class RelayedEvent(SQLModel, table=True):
    """Which event went into which batch; an event may concern several flows."""

    __tablename__ = "relayed_event"
    event_id: int = Field(foreign_key="event.id", primary_key=True)
    batch_id: int = Field(foreign_key="relay_batch.id", primary_key=True)


class ReceivedEvent(SQLModel, table=True):
    """What another system told: taken once, however often it is sent. `digest` tells a repeat from another
    event under the same id."""

    __tablename__ = "received_event"
    __table_args__ = (UniqueConstraint("source", "sender_id"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    sender_id: str
    kind: str
    digest: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    answer: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class ReceivedMail(SQLModel, table=True):
    """A mail of kamflow's own mailbox that was dealt with: by its Message-ID, never its text."""

    __tablename__ = "received_mail"
    message_id: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    verdict: str = Field(description="meeting, bounce, reply, forwarded, kept, ignored")
    person_id: int | None = Field(default=None, foreign_key="person.id")

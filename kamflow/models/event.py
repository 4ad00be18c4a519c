"""What happened (append-only), and the batches in which it sets flows in motion."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class Event(SQLModel, table=True):
    """One thing that happened, written in the transaction that made it happen.

    `payload` holds ids and figures, never a name, an address or free text.
    """

    __table_args__ = (Index("ix_event_name", "name", "id"), Index("ix_event_account", "account_id"))
    id: int | None = Field(default=None, primary_key=True)
    name: str
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")
    payload: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class RelayBatch(SQLModel, table=True):
    """Events that start one run of a flow; asked for under `batch:<id>` until it is answered."""

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
    prefect_id: str | None = None


class RelayedEvent(SQLModel, table=True):
    """Which event went into which batch; an event may concern several flows."""

    __tablename__ = "relayed_event"
    event_id: int = Field(foreign_key="event.id", primary_key=True)
    batch_id: int = Field(foreign_key="relay_batch.id", primary_key=True)

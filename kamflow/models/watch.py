"""What operations watch: who runs, which job of the clock was last done, what is wrong at the moment."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, text
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class Lease(SQLModel, table=True):
    """Something only one process at a time may do: until when, and who. `term` grows with each new holder."""

    name: str = Field(primary_key=True)
    holder: str
    since: datetime = Field(sa_column=Column(Instant, nullable=False))
    until: datetime = Field(sa_column=Column(Instant, nullable=False))
    term: int = 1


class Supervisor(SQLModel, table=True):
    """A `kamflow up`: where it runs, since when, and when it was last seen."""

    name: str = Field(primary_key=True, description="host:pid:start, as in Lease.holder")
    host: str
    path: str
    pid: int
    version: str
    started_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    stopped_at: datetime | None = Field(default=None, sa_column=Column(Instant))


class ClockJob(SQLModel, table=True):
    """One job of the clock: when it was last done, and why it fails at present. Written every few seconds."""

    __tablename__ = "clock_job"
    job: str = Field(primary_key=True)
    holder: str
    done_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    failed: int = Field(default=0, description="times in a row")
    cause: str | None = None
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))


class Incident(SQLModel, table=True):
    """Something that is wrong, from the first time it was seen until it is over; told once, and its end once.

    `key` says what it is about (`run:intake`, `channel:slack`, `data:crm`); one at a time is open for a key.
    """

    __table_args__ = (
        Index(
            "ux_incident_open",
            "key",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_incident_opened", "opened_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str
    kind: str = Field(description="run, late, missing, channel, data, disk, database, prefect, clock")
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))
    opened_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    seen_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    told_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    closed_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    end_told_at: datetime | None = Field(default=None, sa_column=Column(Instant))

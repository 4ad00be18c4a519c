"""Sources of data, how old theirs may be, which periods they completed, and the files they sent."""

from datetime import date, datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant, Json


class Source(SQLModel, table=True):
    """Where data comes from: its owner is told of rejects; older than the limit is said."""

    key: str = Field(primary_key=True)
    name: str | None = None
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    age_limit_days: int | None = None


class CompletePeriod(SQLModel, table=True):
    """The source says that a period's data is complete."""

    __tablename__ = "complete_period"
    __table_args__ = (UniqueConstraint("source", "kind", "first", "last"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    kind: str = "revenue"
    first: date
    last: date
    complete_on: date


class ImportedFile(SQLModel, table=True):
    """What one import of one file did; `counts` per entity, no content."""

    __tablename__ = "imported_file"
    __table_args__ = (Index("ix_imported_file_name", "source", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    name: str
    digest: str
    rows: int
    rejected: int = 0
    state: str = Field(default="imported", description="imported, held or refused")
    counts: dict[str, dict[str, int]] | None = Field(default=None, sa_column=Column(Json))
    imported_at: datetime = Field(sa_column=Column(Instant, nullable=False))

"""Who was erased: ids and days only, and keyed hashes that know them again."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, Index
from sqlmodel import Field, SQLModel

from kamflow.models.columns import Instant


class Erased(StrEnum):
    CONTACT = "contact"
    PERSON = "person"


class Erasure(SQLModel, table=True):
    """That a contact or one of our people was erased; `row_id` is their row, which stays without a name."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(description="contact or person")
    row_id: int
    day: date
    at: datetime = Field(sa_column=Column(Instant, nullable=False))
    actor_id: int | None = Field(default=None, foreign_key="person.id")


class Suppression(SQLModel, table=True):
    """What an import would know an erased one by, as a hash keyed with the installation's secret: such a row
    is sent back. Nobody can read from it who it was."""

    __table_args__ = (Index("ix_suppression_digest", "digest"), Index("ix_suppression_erasure", "erasure_id"))
    id: int | None = Field(default=None, primary_key=True)
    erasure_id: int = Field(foreign_key="erasure.id")
    digest: str

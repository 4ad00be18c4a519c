"""Someone on our side, the departments they work in, and when they are away."""

from datetime import date
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Role(StrEnum):
    KAM = "kam"
    HEAD = "head"
    SPONSOR = "sponsor"
    ASSISTANT = "assistant"
    SPECIALIST = "specialist"
    OPERATIONS = "operations"


class Level(StrEnum):
    BOARD = "board"
    SECOND = "second"
    OTHER = "other"


class Department(SQLModel, table=True):
    """A department; who leads it stands in department_lead."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str


class Person(SQLModel, table=True):
    """Someone on our side. `weekdays` are ISO numbers ("12345"); `key` is the company's own id."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    email: str | None = Field(default=None, index=True)
    slack_id: str | None = None
    position: str | None = None
    language: str = "de"
    zone: str = "Europe/Berlin"
    country: str = "DE"
    region: str | None = None
    weekdays: str = "12345"
    level: str = Level.OTHER
    department_id: int | None = Field(default=None, foreign_key="department.id")
    superior_id: int | None = Field(default=None, foreign_key="person.id")
    deputy_id: int | None = Field(default=None, foreign_key="person.id")
    assistant_id: int | None = Field(default=None, foreign_key="person.id")
    channel: str = Field(default="email", description="email or slack; the other one is the fallback")
    digest: str = Field(default="daily", description="daily, monday, first-tuesday or none")
    left_on: date | None = None
    erased_on: date | None = Field(default=None, description="name and addresses were erased; counts stay")
    links_version: int = Field(
        default=1,
        sa_column_kwargs={"server_default": "1"},
        description="raised, it revokes every link the person was sent",
    )


class PersonRole(SQLModel, table=True):
    """A role a person holds; one person may hold several."""

    __tablename__ = "person_role"
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    role: str = Field(primary_key=True)


class DepartmentLead(SQLModel, table=True):
    """Who leads a department; the deputy has `deputy` set."""

    __tablename__ = "department_lead"
    department_id: int = Field(foreign_key="department.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    deputy: bool = False


class Absence(SQLModel, table=True):
    """Days on which a person is away: dates, never a reason."""

    __table_args__ = (Index("ix_absence_person", "person_id", "until_day"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    from_day: date
    until_day: date

"""The annual meeting [Jahresgespräch] and what departments are asked to deliver for it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from kamflow.models.columns import INTERNAL, Instant, Json


class MeetingKind(StrEnum):
    STRATEGIC = "strategic"
    NEGOTIATION = "negotiation"


class RequestState(StrEnum):
    OPEN = "open"
    DELIVERED = "delivered"
    REFUSED = "refused"


class AnnualMeeting(SQLModel, table=True):
    """One per account and fiscal year: a single strategic meeting, or a negotiation of rounds
    that ends with `agreed_on`."""

    __tablename__ = "annual_meeting"
    __table_args__ = (UniqueConstraint("account_id", "year_first"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    year_first: date
    year_last: date
    kind: str = MeetingKind.STRATEGIC
    agreed_on: date | None = None
    version: int = 1
    told: dict[str, Any] | None = Field(
        default=None, sa_column=Column(Json), description="by source, what it said last"
    )


class MeetingRound(SQLModel, table=True):
    """A dated talk of an annual meeting.

    `revision` counts its moves to another day: papers are made anew. `entry_revision` counts all that
    changes a calendar entry: another day, time or place.
    """

    __tablename__ = "meeting_round"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="annual_meeting.id")
    number: int = 1
    day: date | None = None
    starts_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    place: str | None = None
    state: str = "booked"
    revision: int = 0
    entry_revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    fixed_on: date | None = Field(default=None, description="local day on which its date was fixed last")
    moved_from: date | None = Field(default=None, description="the date before the moves of that day")
    released_on: date | None = Field(default=None, description="its briefing was released")
    released_revision: int | None = None
    released_by_id: int | None = Field(default=None, foreign_key="person.id")
    from_calendar: bool = False
    uid: str | None = Field(default=None, index=True)
    sequence: int = 0
    told: dict[str, Any] | None = Field(
        default=None, sa_column=Column(Json), description="by source, what it said last"
    )


class MeetingAttendee(SQLModel, table=True):
    """Someone of either side in a round: exactly one of person and contact is set."""

    __tablename__ = "meeting_attendee"
    __table_args__ = (Index("ix_meeting_attendee_round", "round_id"),)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="meeting_round.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")


class BriefingNote(SQLModel, table=True):
    """What the KAM made of a draft briefing: a line struck or corrected, a point to raise or not to raise."""

    __tablename__ = "briefing_note"
    __table_args__ = (Index("ix_briefing_note_round", "round_id"), INTERNAL)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="meeting_round.id")
    kind: str = Field(description="strike, correct, raise, ask, avoid or withdrawn")
    line: str | None = Field(default=None, description="which line of the briefing, such as measure.12")
    text: str | None = Field(default=None, sa_column=Column(Text))
    person_id: int | None = Field(default=None, foreign_key="person.id")
    noted_on: date


class FolderPage(SQLModel, table=True):
    """A page of the folder for the customer: the KAM's own words on it, and that it may be handed over.

    `digest` is of what it said when it was ticked; without a tick there is none.
    """

    __tablename__ = "folder_page"
    __table_args__ = (UniqueConstraint("meeting_id", "page"),)
    id: int | None = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="annual_meeting.id")
    page: str = Field(description="title, agenda, topics, figures, services, done, plan or next")
    words: str | None = Field(default=None, sa_column=Column(Text))
    digest: str | None = None
    ticked_on: date | None = None
    ticked_by_id: int | None = Field(default=None, foreign_key="person.id")


class Request(SQLModel, table=True):
    """What a KAM needs from a department [Anforderung], for which customer date."""

    __table_args__ = (Index("ix_request_account", "account_id"),)
    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    meeting_id: int | None = Field(default=None, foreign_key="annual_meeting.id")
    department_id: int | None = Field(default=None, foreign_key="department.id")
    specialist_id: int | None = Field(default=None, foreign_key="person.id")
    kind: str
    text: str | None = Field(default=None, sa_column=Column(Text))
    asked_on: date | None = None
    customer_date: date | None = None
    due_on: date | None = Field(default=None, description="only where a person set it")
    state: str = RequestState.OPEN
    cause: str | None = None
    decided_on: date | None = None
    version: int = 1

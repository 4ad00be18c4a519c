"""The outbox: messages with the ids they are about (never their text), and documents."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    event,
    func,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Mapper, column_property
from sqlalchemy.orm.attributes import set_attribute
from sqlmodel import Field, SQLModel, col

from kamflow.models.columns import Instant, Json


class MessageState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    RETRYING = "retrying"
    AMBIGUOUS = "ambiguous"
    FAILED = "failed"
    CANCELLED = "cancelled"


# Due again at `due_at`; a message that is being sent belongs to who claimed it.
DUE = (MessageState.WAITING, MessageState.RETRYING, MessageState.AMBIGUOUS)


def in_states(states: Sequence[str]) -> str:
    """The condition for these states, spelled out: only so it is seen to be that of an index."""
    return f"state IN ({', '.join(repr(str(state)) for state in states)})"


def _only(states: Sequence[str]) -> dict[str, Any]:
    return {f"{dialect}_where": text(in_states(states)) for dialect in ("sqlite", "postgresql")}


class MessageFacts(SQLModel, table=True):
    """What a message says, as ids and figures. Apart from where it stands: that changes with every attempt,
    this never does, and goes earlier."""

    __tablename__ = "message_facts"
    message_id: int = Field(
        sa_column=Column(Integer, ForeignKey("message.id"), primary_key=True, autoincrement=False)
    )
    facts: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class StoredMessage(SQLModel, table=True):
    """One message to one recipient by one channel. Rendered at delivery; the body is not stored."""

    __tablename__ = "message"
    __table_args__ = (
        # In the order in which they are claimed; what has ended is not in it.
        Index("ix_message_next", "channel", "priority", "due_at", "id", **_only(DUE)),
        Index("ix_message_leased", "leased_until", **_only(("sending",))),
        # Operations count a large outbox every few seconds without reading a message.
        Index("ix_message_pile", "state", "channel", "cause", "due_at"),
        Index("ix_message_sent", "channel", "sent_at"),
        Index("ix_message_person", "person_id"),
        Index("ix_message_instead_of", "instead_of_id"),
        Index("ix_message_mail_id", "mail_id"),  # a mail that comes back names it
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    kind: str = Field(description="nudges, document, invitation, calendar, notice, alert, sign-in")
    channel: str
    template: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    priority: int = Field(default=5, description="0 is first: urgent before digests")
    state: str = MessageState.WAITING
    created_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    due_at: datetime = Field(sa_column=Column(Instant, nullable=False))
    attempts: int = 0
    leased_by: str | None = None
    leased_until: datetime | None = Field(default=None, sa_column=Column(Instant))
    lease_ended_at: datetime | None = Field(
        default=None, sa_column=Column(Instant), description="seen to have ended: its owner's last chance"
    )
    mail_id: str | None = Field(default=None, description="Message-ID, the same for every attempt")
    provider_id: str | None = Field(default=None, description="what the other side calls it")
    sent_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    cause: str | None = None
    instead_of_id: int | None = Field(default=None, foreign_key="message.id")
    trace: str | None = Field(default=None, description="of what it tells; several: of the first")

    if TYPE_CHECKING:
        facts: dict[str, Any] = {}  # of MessageFacts; empty once they are gone

    def __init__(self, *, facts: Mapping[str, Any] | None = None, **data: Any) -> None:
        super().__init__(**data)
        set_attribute(self, "facts", dict(facts or {}))


_SAID = select(col(MessageFacts.facts)).where(col(MessageFacts.message_id) == col(StoredMessage.id))
# Read along with the row, whoever reads it; written apart.
StoredMessage.facts = column_property(  # pyright: ignore[reportAttributeAccessIssue]
    func.coalesce(_SAID.scalar_subquery(), literal({}, Json), type_=Json), expire_on_flush=False
)


@event.listens_for(StoredMessage, "after_insert")
def _keep_facts(_: Mapper[Any], connection: Connection, message: StoredMessage) -> None:
    connection.execute(insert(MessageFacts).values(message_id=message.id, facts=message.facts))


class Way(SQLModel, table=True):
    """How a channel does, for all dispatchers: failures since it last took anything, and until when to wait.

    `probe_at`: from then on one message is tried, all others stay put. `paused_until`: it asked for patience.
    """

    channel: str = Field(primary_key=True)
    failures: int = 0
    cause: str | None = None
    opened_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    probe_at: datetime | None = Field(default=None, sa_column=Column(Instant))
    paused_until: datetime | None = Field(default=None, sa_column=Column(Instant))


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

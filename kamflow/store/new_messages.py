"""Put a message into the outbox, in the transaction that gives rise to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from kamflow.models.message import MessageState
from kamflow.store import traces
from kamflow.store.messages import MESSAGE, history

URGENT, NORMAL = 0, 5


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to one recipient by one channel. `facts` hold ids and figures, no names, no text.

    `trace` is that of what it tells; without one it is that of the run that writes it.
    """

    key: str
    kind: str
    channel: str
    template: str
    facts: Mapping[str, Any]
    person: int | None = None
    contact: int | None = None
    priority: int = NORMAL
    instead_of: int | None = None
    due_at: datetime | None = None
    trace: str | None = None


def add(session: Session, message: NewMessage, now: datetime) -> int | None:
    """Put a message into the outbox; None where its key is there already."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "key": message.key,
        "kind": message.kind,
        "channel": message.channel,
        "template": message.template,
        "person_id": message.person,
        "contact_id": message.contact,
        "facts": dict(message.facts),
        "priority": message.priority,
        "state": MessageState.WAITING,
        "created_at": now,
        "due_at": message.due_at or now,
        "attempts": 0,
        "instead_of_id": message.instead_of,
        "trace": message.trace or traces.current(),
    }
    inserted = dialect.insert(MESSAGE).values(row).on_conflict_do_nothing(index_elements=["key"])
    number = session.execute(inserted.returning(MESSAGE.c.id)).scalar_one_or_none()
    if number is not None:
        history(session, [(number, now, MessageState.WAITING, None)])
    return number

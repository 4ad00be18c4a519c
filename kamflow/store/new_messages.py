"""Put messages into the outbox, in the transaction that gives rise to them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from kamflow.models.message import MessageFacts, MessageState
from kamflow.store import traces
from kamflow.store.messages import MESSAGE, history

URGENT, NORMAL = 0, 5
FACTS = cast("Table", MessageFacts.__table__)  # pyright: ignore[reportAttributeAccessIssue]


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
    return add_many(session, [message], now).get(message.key)


def add_many(session: Session, messages: Collection[NewMessage], now: datetime) -> dict[str, int]:
    """Put messages into the outbox: key -> number, in order, without the keys that are there already."""
    if not messages:
        return {}
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    new = dialect.insert(MESSAGE).on_conflict_do_nothing(index_elements=["key"])
    rows = [_row(message, now) for message in messages]
    added = session.execute(new.returning(MESSAGE.c.key, MESSAGE.c.id), rows)
    numbers = {key: number for key, number in added}  # noqa: C416 - rows are no pairs to the type checker
    said = {each.key: each.facts for each in reversed([*messages])}  # of two the first goes in
    _say(session, [(number, said[key]) for key, number in numbers.items()])
    history(session, [(number, now, MessageState.WAITING, None) for number in numbers.values()])
    return {each.key: numbers[each.key] for each in messages if each.key in numbers}


def insert_all(session: Session, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[int]:
    """Put whole rows, with their `facts`, into the outbox; their numbers, in the same order."""
    new = insert(MESSAGE).returning(MESSAGE.c.id, sort_by_parameter_order=True)
    bare = [{name: value for name, value in row.items() if name != "facts"} for row in rows]
    numbers = list(session.execute(new, bare).scalars())
    _say(session, [(number, row["facts"]) for number, row in zip(numbers, rows, strict=True)])
    history(session, [(number, now, MessageState.WAITING, None) for number in numbers])
    return numbers


def say_anew(session: Session, facts: Mapping[int, Mapping[str, Any]]) -> None:
    """Let messages (number -> facts) say something else from now on."""
    if facts:
        changed = (
            update(FACTS).where(FACTS.c.message_id == bindparam("number")).values(facts=bindparam("said"))
        )
        rows = [{"number": number, "said": dict(said)} for number, said in facts.items()]
        session.connection().execute(changed, rows)


def _say(session: Session, facts: Sequence[tuple[int, Mapping[str, Any]]]) -> None:
    if facts:
        rows = [{"message_id": number, "facts": dict(said)} for number, said in facts]
        session.execute(insert(FACTS), rows)


def _row(message: NewMessage, now: datetime) -> dict[str, Any]:
    return {
        "key": message.key,
        "kind": message.kind,
        "channel": message.channel,
        "template": message.template,
        "person_id": message.person,
        "contact_id": message.contact,
        "priority": message.priority,
        "state": MessageState.WAITING,
        "created_at": now,
        "due_at": message.due_at or now,
        "attempts": 0,
        "instead_of_id": message.instead_of,
        "trace": message.trace or traces.current(),
    }

"""Write down what became of attempts. It is done for each message: in few statements, and these made once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, String, TextClause, bindparam, select, text
from sqlmodel import Session

from kamflow.models.columns import Instant
from kamflow.models.message import MessageState
from kamflow.store import channel_ways, messages
from kamflow.store.channel_health import TAKES_NOTHING
from kamflow.store.messages import MESSAGE
from kamflow.store.new_messages import add_many
from notifications.claimed import Mark

# Rows in one statement, so that there are few of them to be kept.
_AT_ONCE = 16
_ROW = {"number": Integer(), "became": String(), "why": String(), "provider": String(), "again": Instant()}

# Both databases call what stands in VALUES column1, column2 … Put off by its check: nothing was tried.
_WRITE = """
UPDATE message SET state=told.column2, cause=told.column3, leased_by=NULL, leased_until=NULL,
 provider_id=told.column4, sent_at=CASE WHEN told.column2 = 'sent' THEN :now END,
 due_at=coalesce(told.column5, message.due_at),
 attempts=CASE WHEN told.column2 = 'waiting' THEN 0 ELSE message.attempts END
FROM (VALUES {rows}) AS told
WHERE message.id = told.column1 AND message.leased_by = :worker AND message.state = 'sending'"""
_TOLD = "INSERT INTO message_step (message_id, at, state, cause) SELECT "
# PostgreSQL can do both at once …
_BOTH = f"""
WITH written AS ({_WRITE} RETURNING message.id, message.state, message.cause)
{_TOLD} id, :now, state, cause FROM written RETURNING message_id"""
# … SQLite one after the other: with its lock nobody comes between. CROSS: by the numbers, one by one.
_HISTORY = f"""
{_TOLD} message.id, :now, told.column2, told.column3 FROM (VALUES {{rows}}) AS told CROSS JOIN message
WHERE message.id = told.column1 AND message.leased_by = :worker AND message.state = 'sending'"""


def mark(
    session: Session, worker: str, marks: Iterable[Mark], now: datetime, well: Collection[str] = ()
) -> list[int]:
    """Write down what became of attempts, with their history; return those that were still ours.

    Channels known to do `well` need no look as long as nothing fails.
    """
    known = {each.message: each for each in marks}
    ours = [known[number] for number in _written(session, worker, [*known.values()], now)]
    _go_on(session, ours, now)
    answers = [(each.tried, each.cause) for each in ours if each.tried]
    if any(way not in well or cause in TAKES_NOTHING for way, cause in answers):
        channel_ways.heard(session, answers, now)
    for each in ours:
        if each.tried and each.patience:
            channel_ways.pause(session, each.tried, each.patience, now)
    return [each.message for each in ours]


def _go_on(session: Session, marks: Sequence[Mark], now: datetime) -> None:
    """Let go the other way what did not arrive by the first."""
    causes = {each.instead.key: each.cause or each.state for each in marks if each.instead is not None}
    added = add_many(session, [each.instead for each in marks if each.instead is not None], now)
    for key in causes.keys() - added.keys():
        messages.retry_other_way(session, key, causes[key], now)


def _written(session: Session, worker: str, marks: Sequence[Mark], now: datetime) -> Iterator[int]:
    """Those that this changed: one that is not ours any more stays as it is."""
    connection = session.connection()
    both = connection.dialect.name == "postgresql"
    for some in (marks[at : at + _AT_ONCE] for at in range(0, len(marks), _AT_ONCE)):
        values: dict[str, Any] = {"worker": worker, "now": now}
        for names, each in zip(_names(len(some)), some, strict=True):
            told = (each.message, each.state, each.cause, each.provider_id, each.due_at)
            values.update(zip(names, told, strict=True))
        if both:
            yield from connection.execute(_statement(_BOTH, len(some)), values).scalars().all()
        else:
            yield from _in_turn(connection, worker, some, values)


def _in_turn(
    connection: Connection, worker: str, marks: Sequence[Mark], values: Mapping[str, Any]
) -> Sequence[int]:
    ours: Sequence[int] = [each.message for each in marks]
    if connection.execute(_statement(_HISTORY, len(marks)), values).rowcount < len(marks):
        ours = connection.execute(_OURS, {"worker": worker, "numbers": ours}).scalars().all()
    connection.execute(_statement(_WRITE, len(marks)), values)
    return ours


_OURS = (
    select(MESSAGE.c.id)
    .where(MESSAGE.c.id.in_(bindparam("numbers", expanding=True)))
    .where(MESSAGE.c.leased_by == bindparam("worker"), MESSAGE.c.state == MessageState.SENDING)
)


@lru_cache
def _names(rows: int) -> list[tuple[str, ...]]:
    return [tuple(f"{name}_{row}" for name in _ROW) for row in range(rows)]


@lru_cache
def _statement(words: str, rows: int) -> TextClause:
    told = ", ".join(f"(:{', :'.join(names)})" for names in _names(rows))
    kinds = [
        bindparam(name, type_=kind)
        for names in _names(rows)
        for name, kind in zip(names, _ROW.values(), strict=True)
    ]
    return text(words.format(rows=told)).bindparams(*kinds, bindparam("now", type_=Instant()))

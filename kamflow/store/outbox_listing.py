"""Messages of the outbox for operations: a page of them, and sending again all that failed for one cause."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from kamflow.errors import NotAllowed
from kamflow.models.message import MessageState, StoredMessage
from kamflow.store import events, messages
from kamflow.store.outbox_overview import RECENT, failed_lately

AT_ONCE = 500  # messages that one click sends again: nobody else can write meanwhile


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages; None: any. An empty `cause`: those without one."""

    channel: str | None = None
    state: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A message in a list; whom it is for as an id only, and nothing of what it says."""

    id: int
    kind: str
    channel: str
    state: str
    cause: str | None
    person: int | None
    contact: int | None
    attempts: int
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Again:
    """What became of sending many again: how many go out, how many need not; `after`: the number behind
    which there are more."""

    sent: int
    left: int
    after: int | None


def lines(session: Session, wanted: Filter, now: datetime, page: int, size: int) -> list[Line]:
    """A page (from 1) of `size` messages, the newest first, and one more, which tells of another page."""
    row = StoredMessage
    columns = (
        row.id,
        row.kind,
        row.channel,
        row.state,
        row.cause,
        row.person_id,
        row.contact_id,
        row.attempts,
    )
    query = select(*map(col, columns), col(row.due_at), col(row.sent_at)).where(*_where(wanted, now))
    found = query.order_by(col(row.id).desc()).offset((page - 1) * size).limit(size + 1)
    return [Line(*each) for each in session.execute(found)]


def again(session: Session, wanted: Filter, after: int, actor: int | None, now: datetime) -> Again:
    """Send again what was given up or cancelled of late, or is tried still; those numbered above `after`.

    What a reader has, or will have, from another message stays as it is.
    """
    row = StoredMessage
    lately: list[ColumnElement[bool]] = []
    if wanted.state == MessageState.FAILED:
        lately = [failed_lately(now)]
    elif wanted.state == MessageState.CANCELLED:  # most of them by their own check, for good
        lately = [col(row.due_at) >= now - RECENT]
    query = select(col(row.id)).where(*_where(wanted, now), *lately, col(row.id) > after)
    numbers = session.execute(query.order_by(col(row.id)).limit(AT_ONCE + 1)).scalars().all()
    taken = [number for number in numbers[:AT_ONCE] if number is not None]
    sent = sum(_again(session, number, actor, now) for number in taken)
    return Again(sent, len(taken) - sent, taken[-1] if len(numbers) > AT_ONCE else None)


def stop(session: Session, wanted: Filter, after: int, why: str, actor: int | None, now: datetime) -> Again:
    """Stop what waits or is tried again; those with a number above `after`."""
    row = StoredMessage
    waiting = col(row.state).in_(messages.DUE)
    query = select(col(row.id)).where(*_where(wanted, now), waiting, col(row.id) > after)
    numbers = (
        session.execute(query.order_by(col(row.id)).limit(AT_ONCE + 1).with_for_update()).scalars().all()
    )
    taken = [number for number in numbers[:AT_ONCE] if number is not None]
    for number in taken:
        messages.cancel(session, number, why, now)
        events.record(session, "message.cancelled", now, actor=actor, message=number)
    return Again(len(taken), 0, taken[-1] if len(numbers) > AT_ONCE else None)


def _again(session: Session, number: int, actor: int | None, now: datetime) -> bool:
    try:
        messages.retry(session, number, now)
    except NotAllowed:
        return False
    events.record(session, "message.retried", now, actor=actor, message=number)
    return True


def _where(wanted: Filter, now: datetime) -> Sequence[ColumnElement[bool]]:
    row = StoredMessage
    found: list[ColumnElement[bool]] = []
    if wanted.channel is not None:
        found.append(col(row.channel) == wanted.channel)
    if wanted.state is not None:
        found.append(col(row.state) == wanted.state)
    if wanted.cause is not None:
        found.append(_cause(wanted.cause))
        if wanted.state == MessageState.FAILED:
            found.append(failed_lately(now))
    return found


def _cause(cause: str | None) -> ColumnElement[bool]:
    return col(StoredMessage.cause) == cause if cause else col(StoredMessage.cause).is_(None)

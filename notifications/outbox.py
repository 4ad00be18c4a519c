"""The outbox: add a message, claim what is due under a lease, mark what became of it.

Whoever claims a message owns it until the lease ends; then another may claim it, because the first
crashed. A mark counts only for who still holds the lease. Time is an argument everywhere.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, Row, Select, and_, func, or_, select, update
from sqlmodel import Session

from kamflow.models.message import MessageState
from kamflow.settings import Settings
from kamflow.store.channel_health import AWAY
from kamflow.store.engine import write
from kamflow.store.messages import DUE, MESSAGE, history
from kamflow.store.new_messages import NORMAL, URGENT, NewMessage, add

__all__ = ("NORMAL", "URGENT", "NewMessage", "add")  # what composes and delivers knows the outbox only

_C = MESSAGE.c
# What was tried more often keeps to its times: a channel that comes and goes must not use up all tries.
_WOKEN, _SOON = 60, timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours until `until`. `unsure`: an earlier attempt may have arrived."""

    id: int
    key: str
    kind: str
    channel: str
    template: str
    facts: Mapping[str, Any]
    person: int | None
    contact: int | None
    priority: int
    attempt: int
    mail_id: str | None
    instead_of: int | None
    until: datetime
    unsure: bool
    trace: str | None = None
    made_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of an attempt. `due_at` is the next attempt of what is retrying, ambiguous or put off."""

    message: int
    state: MessageState
    cause: str | None = None
    due_at: datetime | None = None
    provider_id: str | None = None
    instead: NewMessage | None = None


def channel(wanted: str, settings: Settings, *, content: bool = False) -> str:
    """The channel a person chose, as long as it is there: without a token there is no Slack.

    `content`: a document or notice that would say nothing as a mere reference, so that it goes by mail.
    """
    if content and settings.slack.detail == "reference":
        return "email"
    return "slack" if wanted == "slack" and settings.slack.token else "email"


def due(session: Session, now: datetime, channel: str | None = None, kind: str | None = None) -> int:
    """How many messages could be claimed now."""
    found = select(func.count()).select_from(MESSAGE).where(_due(now, channel, kind))
    return session.execute(found).scalar_one()


def claim(
    session: Session,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    channel: str | None = None,
    kind: str | None = None,
) -> list[Claimed]:
    """Take up to `limit` due messages, of one channel and kind or of all, the urgent first; also those whose
    lease has ended.

    On SQLite the transaction must be a writing one (`engine.write`): its lock is what makes two
    dispatchers take different messages. PostgreSQL skips rows that another one is taking.
    """
    found: Select[Any] = select(MESSAGE).where(_due(now, channel, kind))
    query = found.order_by(_C.priority, _C.due_at, _C.id).limit(limit)
    rows = session.execute(query.with_for_update(skip_locked=True)).all()
    if not rows:
        return []
    until = now + lease
    session.execute(
        update(MESSAGE)
        .where(_C.id.in_([row.id for row in rows]))
        .values(state=MessageState.SENDING, leased_by=worker, leased_until=until, attempts=_C.attempts + 1)
    )
    lapsed = [row.id for row in rows if row.state == MessageState.SENDING]
    history(session, [(number, now, MessageState.SENDING, "lease-ended") for number in lapsed])
    return [_claimed(row, until) for row in rows]


def _due(now: datetime, channel: str | None, kind: str | None) -> Any:
    due = or_(
        and_(_C.state.in_(DUE), _C.due_at <= now),
        and_(_C.state == MessageState.SENDING, _C.leased_until <= now),
    )
    wanted = [_C.channel == channel] if channel else []
    return and_(due, *wanted, *([_C.kind == kind] if kind else []))


def _claimed(row: Row[Any], until: datetime) -> Claimed:
    return Claimed(
        id=row.id,
        key=row.key,
        kind=row.kind,
        channel=row.channel,
        template=row.template,
        facts=row.facts,
        person=row.person_id,
        contact=row.contact_id,
        priority=row.priority,
        attempt=row.attempts + 1,
        mail_id=row.mail_id,
        instead_of=row.instead_of_id,
        until=until,
        unsure=row.state in (MessageState.SENDING, MessageState.AMBIGUOUS),
        trace=row.trace,
        made_at=row.created_at,
    )


def prolong(session: Session, worker: str, numbers: Iterable[int], until: datetime) -> list[int]:
    """Lengthen the lease of what is still being sent; return those that are still ours."""
    ours = and_(_C.id.in_(list(numbers)), _C.leased_by == worker, _C.state == MessageState.SENDING)
    return list(
        session.execute(update(MESSAGE).where(ours).values(leased_until=until).returning(_C.id)).scalars()
    )


def name(session: Session, worker: str, mail_ids: Mapping[int, str]) -> None:
    """Store the Message-IDs before the first attempt, so that every further one has the same."""
    for number, mail_id in mail_ids.items():
        session.execute(update(MESSAGE).where(_held(number, worker)).values(mail_id=mail_id))


def mark(session: Session, worker: str, marks: Iterable[Mark], now: datetime) -> list[int]:
    """Write down what became of attempts, with their history; return those that were still ours."""
    ours = [each for each in marks if _marked(session, worker, each, now)]
    history(session, [(each.message, now, each.state, each.cause) for each in ours])
    for each in ours:
        if each.instead is not None:
            add(session, each.instead, now)
    _wake(session, [each.message for each in ours if each.state == MessageState.SENT], now)
    return [each.message for each in ours]


def _wake(session: Session, sent: list[int], now: datetime) -> None:
    """Something went out: what waits because its channel was away need not wait any longer."""
    if sent:
        channels = select(_C.channel).where(_C.id.in_(sent))
        away = and_(_C.state == MessageState.RETRYING, _C.channel.in_(channels), _C.cause.in_(AWAY))
        waits = and_(_C.due_at > now + _SOON, _C.attempts < _WOKEN)
        session.execute(update(MESSAGE).where(away, waits).values(due_at=now))


def _marked(session: Session, worker: str, mark: Mark, now: datetime) -> bool:
    values: dict[str, Any] = {
        "state": mark.state,
        "cause": mark.cause,
        "leased_by": None,
        "leased_until": None,
        "provider_id": mark.provider_id,
        "sent_at": now if mark.state == MessageState.SENT else None,
    }
    if mark.due_at is not None:
        values["due_at"] = mark.due_at
    if mark.state == MessageState.WAITING:
        values["attempts"] = 0  # put off by its check: nothing was tried
    done = session.execute(update(MESSAGE).where(_held(mark.message, worker)).values(values))
    return cast("CursorResult[Any]", done).rowcount == 1


def _held(number: int, worker: str) -> Any:
    return and_(_C.id == number, _C.leased_by == worker, _C.state == MessageState.SENDING)


def by_other_channel(message: Claimed) -> NewMessage:
    """The message that goes the other way, where this one will not arrive."""
    other = "email" if message.channel == "slack" else "slack"
    return NewMessage(
        key=f"{message.key}:{other}",
        kind=message.kind,
        channel=other,
        template=message.template,
        facts=message.facts,
        person=message.person,
        contact=message.contact,
        priority=message.priority,
        instead_of=message.id,
        trace=message.trace,
    )


class Recorder:
    """Writes results at once; those that come in while it writes go together into the next commit."""

    def __init__(self, engine: Engine, worker: str, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._worker = worker
        self._now = now
        self._waiting: list[Mark] = []
        self._ours: set[int] = set()
        self._turn = asyncio.Lock()

    async def record(self, mark: Mark) -> bool:
        """Tell whether it was still ours to write, once it is written."""
        self._waiting.append(mark)
        async with self._turn:
            if self._waiting:
                marks, self._waiting = self._waiting, []
                self._ours.update(await asyncio.to_thread(self._write, marks))
        ours = mark.message in self._ours
        self._ours.discard(mark.message)
        return ours

    def _write(self, marks: list[Mark]) -> list[int]:
        with write(self._engine) as session:
            return mark(session, self._worker, marks, self._now())

"""Find what a dispatcher may take next. Asked for each batch of each channel: a query is made once for each
shape of what is wanted."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, func, select, text
from sqlmodel import Session

from kamflow.models.message import DUE, MessageState, in_states
from kamflow.store.messages import MESSAGE
from kamflow.store.new_messages import FACTS, URGENT
from notifications.claimed import Claimed, Wanted

_C = MESSAGE.c
_DUE, _SENDING = text(in_states(DUE)), text(in_states((MessageState.SENDING,)))


class _Shape(NamedTuple):
    """What a query asks about. `ended`: for what is being sent, but under a lease that has ended."""

    ended: bool
    channel: bool
    kind: bool
    urgent: bool
    diverted: bool


def taken(session: Session, now: datetime, wanted: Wanted, limit: int, *, ended: bool) -> list[Row[Any]]:
    """The next messages that are due, or whose lease has ended, locked."""
    query, values = _query(_shape(wanted, ended=ended)), _values(wanted, now)
    rows = session.execute(query, {**values, "most": limit}).all()
    # What the claimant has in hand is hardly ever among them: the query need not know.
    if any(row.id in wanted.but for row in rows):
        rows = session.execute(query, {**values, "most": limit + len(wanted.but)}).all()
    return [row for row in rows if row.id not in wanted.but][:limit]


def number(session: Session, now: datetime, wanted: Wanted) -> int:
    """How many there are."""
    values = _values(wanted, now)
    return sum(
        session.execute(_count(_shape(wanted, ended=ended)), values).scalar_one() for ended in (False, True)
    )


def claimed(row: Row[Any], until: datetime, name: Callable[[str], str] | None) -> Claimed:
    """A message that was taken."""
    mail_id = row.mail_id
    if mail_id is None and name is not None:
        # Keys hold ids of rows, which come again after a restore: when it was made tells them apart.
        mail_id = name(f"{row.key} {row.created_at}")
    return Claimed(
        id=row.id,
        key=row.key,
        kind=row.kind,
        channel=row.channel,
        template=row.template,
        facts=row.facts or {},
        person=row.person_id,
        contact=row.contact_id,
        priority=row.priority,
        attempt=row.attempts + 1,
        mail_id=mail_id,
        instead_of=row.instead_of_id,
        until=until,
        unsure=row.state in (MessageState.SENDING, MessageState.AMBIGUOUS),
        trace=row.trace,
        made_at=row.created_at,
        was=MessageState(row.state),
        due_at=row.due_at,
        ended_at=row.lease_ended_at if row.state == MessageState.SENDING else None,
    )


def _shape(wanted: Wanted, *, ended: bool) -> _Shape:
    urgent = wanted.urgent or wanted.diverted
    return _Shape(ended, bool(wanted.channel), bool(wanted.kind), urgent, wanted.diverted)


def _values(wanted: Wanted, now: datetime) -> dict[str, Any]:
    return {"now": now, "channel": wanted.channel, "kind": wanted.kind}


@lru_cache
def _query(shape: _Shape) -> Select[Any]:
    kept = ("leased_by", "leased_until", "provider_id", "sent_at", "cause")  # nobody needs these here
    columns = [column for column in _C if column.name not in kept]
    return (
        select(*columns, FACTS.c.facts)
        .outerjoin(FACTS, FACTS.c.message_id == _C.id)
        .where(*_where(shape))
        .order_by(_C.priority, _C.due_at, _C.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=MESSAGE)
    )


@lru_cache
def _count(shape: _Shape) -> Select[Any]:
    return select(func.count()).select_from(MESSAGE).where(*_where(shape))


def _where(shape: _Shape) -> list[Any]:
    now = bindparam("now")
    found: list[Any] = [_SENDING, _C.leased_until <= now] if shape.ended else [_DUE, _C.due_at <= now]
    if shape.channel:
        found.append(_C.channel == bindparam("channel"))
    if shape.kind:
        found.append(_C.kind == bindparam("kind"))
    if shape.urgent:
        found.append(_C.priority == URGENT)
    if shape.diverted:
        sure = _C.state.in_((MessageState.WAITING, MessageState.RETRYING))
        found += [sure, _C.person_id.is_not(None), _C.instead_of_id.is_(None)]
    return found

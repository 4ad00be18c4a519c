"""The outbox: add a message, claim what is due under a lease, mark what became of it.

Whoever claims a message owns it until the lease ends; then another may claim it, because the first
crashed. A mark counts only for who still holds the lease. Time is an argument everywhere.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, func, select, text, update
from sqlmodel import Session

from kamflow.models.message import DUE, MessageState, in_states
from kamflow.settings import Settings
from kamflow.store import channel_ways
from kamflow.store.messages import MESSAGE, history
from kamflow.store.new_messages import FACTS, NORMAL, URGENT, NewMessage, add, add_many
from notifications.claimed import Claimed, Mark, Wanted

# What composes and delivers knows the outbox only.
__all__ = ("NORMAL", "URGENT", "Claimed", "Mark", "NewMessage", "Wanted", "add", "add_many")

_C = MESSAGE.c
_DUE, _SENDING = text(in_states(DUE)), text(in_states((MessageState.SENDING,)))


def channel(wanted: str, settings: Settings, *, content: bool = False) -> str:
    """The channel a person chose, as long as it is there: without a token there is no Slack.

    `content`: a document or notice that would say nothing as a mere reference, so that it goes by mail.
    """
    if content and settings.slack.detail == "reference":
        return "email"
    return "slack" if wanted == "slack" and settings.slack.token else "email"


def due(session: Session, now: datetime, channel: str | None = None, kind: str | None = None) -> int:
    """How many messages could be claimed now."""
    wanted = Wanted(channel, kind)
    both = (_due(now, wanted), _ended(now, wanted))
    return sum(
        session.execute(select(func.count()).select_from(MESSAGE).where(*each)).scalar_one() for each in both
    )


def claim(
    session: Session,
    worker: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    wanted: Wanted | str | None = None,
    name: Callable[[str], str] | None = None,
) -> list[Claimed]:
    """Take up to `limit` due messages, the urgent first; also those whose lease has ended.

    `name` makes a Message-ID: stored before the first attempt, so that every further one has the same.
    On SQLite the transaction must be a writing one (`engine.write`): its lock is what makes two
    dispatchers take different messages. PostgreSQL skips rows that another one is taking.
    """
    wanted = wanted if isinstance(wanted, Wanted) else Wanted(wanted)
    rows = _taken(session, _ended(now, wanted), limit) if wanted.taken_over else []
    if len(rows) < limit:
        rows += _taken(session, _due(now, wanted), limit - len(rows))
    if not rows:
        return []
    claimed = [_claimed(row, now + lease, name) for row in rows]
    values = {"state": MessageState.SENDING, "leased_by": worker, "leased_until": now + lease}
    taken = update(MESSAGE).where(_C.id == bindparam("number"))
    taken = taken.values(values | {"attempts": _C.attempts + 1, "mail_id": bindparam("called")})
    session.connection().execute(taken, [{"number": each.id, "called": each.mail_id} for each in claimed])
    lapsed = [each.id for each in claimed if each.was == MessageState.SENDING]
    history(session, [(number, now, MessageState.SENDING, "lease-ended") for number in lapsed])
    return sorted(claimed, key=lambda each: (each.priority, each.due_at or now, each.id))


def _taken(session: Session, where: Sequence[Any], limit: int) -> list[Row[Any]]:
    query = (
        select(MESSAGE, FACTS.c.facts)
        .outerjoin(FACTS, FACTS.c.message_id == _C.id)
        .where(*where)
        .order_by(_C.priority, _C.due_at, _C.id)
        .limit(limit)
    )
    return list(session.execute(query.with_for_update(skip_locked=True, of=MESSAGE)))


def _due(now: datetime, wanted: Wanted) -> list[Any]:
    return [_DUE, _C.due_at <= now, *_wanted(wanted)]


def _ended(now: datetime, wanted: Wanted) -> list[Any]:
    return [_SENDING, _C.leased_until <= now, *_wanted(wanted)]


def _wanted(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.channel:
        found.append(_C.channel == wanted.channel)
    if wanted.kind:
        found.append(_C.kind == wanted.kind)
    if wanted.but:
        found.append(_C.id.not_in(wanted.but))
    if wanted.urgent or wanted.diverted:
        found.append(_C.priority == URGENT)
    if wanted.diverted:
        sure = _C.state.in_((MessageState.WAITING, MessageState.RETRYING))
        found += [sure, _C.person_id.is_not(None), _C.instead_of_id.is_(None)]
    return found


def _claimed(row: Row[Any], until: datetime, name: Callable[[str], str] | None) -> Claimed:
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
    )


def prolong(session: Session, worker: str, numbers: Iterable[int], until: datetime) -> list[int]:
    """Lengthen the lease of what is still being sent; return those that are still ours."""
    ours = _ours(worker, numbers)
    return list(
        session.execute(update(MESSAGE).where(ours).values(leased_until=until).returning(_C.id)).scalars()
    )


def release(
    session: Session, worker: str, claimed: Iterable[Claimed], not_before: datetime | None = None
) -> int:
    """Give back what was not begun, as if it had never been claimed; return how many were still ours."""
    ours = and_(_C.id == bindparam("number"), _C.leased_by == worker, _C.state == MessageState.SENDING)
    given = (
        update(MESSAGE)
        .where(ours)
        .values(
            state=bindparam("was"),
            due_at=bindparam("again"),
            attempts=_C.attempts - 1,
            leased_by=None,
            leased_until=None,
        )
    )
    rows = [_given_back(each, not_before) for each in claimed]
    return session.connection().execute(given, rows).rowcount if rows else 0


def _given_back(message: Claimed, not_before: datetime | None) -> dict[str, Any]:
    # Whoever had it before may have sent it: that is not forgotten.
    was = MessageState.AMBIGUOUS if message.unsure else message.was
    return {"number": message.id, "was": was, "again": not_before or message.due_at}


def mark(
    session: Session, worker: str, marks: Iterable[Mark], now: datetime, well: Collection[str] = ()
) -> list[int]:
    """Write down what became of attempts, with their history; return those that were still ours.

    Channels known to do `well` need no look as long as nothing fails.
    """
    known = {each.message: each for each in marks}
    held = select(_C.id).where(_ours(worker, known)).with_for_update()
    ours = [known[number] for number in session.execute(held).scalars()]
    if ours:
        session.connection().execute(_MARKED, [_marked(each, now) for each in ours])
    history(session, [(each.message, now, each.state, each.cause) for each in ours])
    add_many(session, [each.instead for each in ours if each.instead is not None], now)
    answers = [(each.tried, each.cause) for each in ours if each.tried]
    if any(way not in well or cause in channel_ways.AWAY for way, cause in answers):
        channel_ways.heard(session, answers, now)
    for each in ours:
        if each.tried and each.patience:
            channel_ways.pause(session, each.tried, each.patience)
    return [each.message for each in ours]


_MARKED = (
    update(MESSAGE)
    .where(_C.id == bindparam("number"))
    .values(
        state=bindparam("became"),
        cause=bindparam("why"),
        leased_by=None,
        leased_until=None,
        provider_id=bindparam("provider"),
        sent_at=bindparam("sent"),
        due_at=func.coalesce(bindparam("again", type_=_C.due_at.type), _C.due_at),
        attempts=_C.attempts * bindparam("counted"),
    )
)


def _marked(mark: Mark, now: datetime) -> dict[str, Any]:
    return {
        "number": mark.message,
        "became": mark.state,
        "why": mark.cause,
        "provider": mark.provider_id,
        "sent": now if mark.state == MessageState.SENT else None,
        "again": mark.due_at,
        # Put off by its check: nothing was tried.
        "counted": 0 if mark.state == MessageState.WAITING else 1,
    }


def _ours(worker: str, numbers: Iterable[Any]) -> Any:
    return and_(_C.id.in_(list(numbers)), _C.leased_by == worker, _C.state == MessageState.SENDING)


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

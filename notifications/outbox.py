"""The outbox: add a message, claim what is due under a lease, mark what became of it.

Whoever claims a message owns it until the lease ends. Who sees that puts it on notice: for half a lease
more its owner, whose database was away or whose clock is another, can prolong it or write what became of it;
then another may claim it, because the first crashed. What a process held that is known to be no more is free
at once. A mark counts only for who still holds the lease. Time is an argument everywhere.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, bindparam, select, text, update
from sqlmodel import Session

from kamflow.models.message import MessageState, in_states
from kamflow.settings import Settings
from kamflow.store.messages import MESSAGE, history
from kamflow.store.new_messages import NORMAL, URGENT, NewMessage, add, add_many
from notifications import taking
from notifications.claimed import Claimed, Mark, Wanted
from notifications.marking import mark

# What composes and delivers knows the outbox only.
__all__ = ("NORMAL", "URGENT", "Claimed", "Mark", "NewMessage", "Wanted", "add", "add_many", "mark")

_C = MESSAGE.c
_SENDING = text(in_states((MessageState.SENDING,)))


def channel(wanted: str, settings: Settings, *, content: bool = False) -> str:
    """The channel a person chose, as long as it is there: without a token there is no Slack.

    `content`: a document or notice that would say nothing as a mere reference, so that it goes by mail.
    """
    if content and settings.slack.detail == "reference":
        return "email"
    return "slack" if wanted == "slack" and settings.slack.token else "email"


def due(session: Session, now: datetime, channel: str | None = None, kind: str | None = None) -> int:
    """How many messages could be claimed now."""
    return taking.number(session, now, Wanted(channel, kind))


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
    ended = [] if wanted.diverted else taking.taken(session, now, wanted, limit, ended=True)
    _put_on_notice(session, [row.id for row in ended if row.lease_ended_at is None], now, lease)
    rows = [row for row in ended if row.lease_ended_at is not None]
    if len(rows) < limit:
        rows += taking.taken(session, now, wanted, limit - len(rows), ended=False)
    if not rows:
        return []
    owner = {"worker": worker, "until": now + lease}
    claimed = [taking.claimed(row, now + lease, name) for row in rows]
    session.connection().execute(
        _CLAIMED, [{"number": each.id, "called": each.mail_id, **owner} for each in claimed]
    )
    lapsed = [each.id for each in claimed if each.was == MessageState.SENDING]
    history(session, [(number, now, MessageState.SENDING, "lease-ended") for number in lapsed])
    return sorted(claimed, key=lambda each: (each.priority, each.due_at or now, each.id))


_CLAIMED = (
    update(MESSAGE)
    .where(_C.id == bindparam("number"))
    .values(
        state=MessageState.SENDING,
        leased_by=bindparam("worker"),
        leased_until=bindparam("until"),
        lease_ended_at=None,
        attempts=_C.attempts + 1,
        mail_id=bindparam("called"),
    )
)


def _put_on_notice(session: Session, numbers: list[int], now: datetime, lease: timedelta) -> None:
    if numbers:
        values = {"leased_until": now + lease / 2, "lease_ended_at": now}
        session.execute(update(MESSAGE).where(_C.id.in_(numbers)).values(values))


def at_work(session: Session, worker: str, channel: str, now: datetime) -> bool:
    """Tell whether there is something to be done by this channel, or this worker is at it."""
    mine = select(_C.id).where(_SENDING, _C.leased_by == worker, _C.channel == channel).limit(1)
    return session.execute(mine).first() is not None or due(session, now, channel) > 0


def holders(session: Session) -> set[str]:
    """Who holds what is being sent."""
    held = select(_C.leased_by).where(_SENDING, _C.leased_by.is_not(None))
    return set(session.execute(held.distinct()).scalars())


def free(session: Session, workers: Collection[str], now: datetime) -> int:
    """Let be claimed at once what these had, who are no more; return how many that are.

    Nobody holds it then: where it has to wait for its channel, it is not freed again and again.
    """
    theirs = update(MESSAGE).where(_SENDING, _C.leased_by.in_(workers))
    freed = session.execute(theirs.values(leased_by=None, leased_until=now, lease_ended_at=now))
    return cast("CursorResult[Any]", freed).rowcount


def prolong(session: Session, worker: str, numbers: Iterable[int], until: datetime) -> list[int]:
    """Lengthen the lease of what is still being sent; return those that are still ours."""
    ours = update(MESSAGE).where(_ours(worker, numbers)).values(leased_until=until, lease_ended_at=None)
    return list(session.execute(ours.returning(_C.id)).scalars())


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
    again = [each for each in (message.settled_at, message.due_at) if each is not None]
    return {"number": message.id, "was": was, "again": not_before or max(again, default=None)}


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

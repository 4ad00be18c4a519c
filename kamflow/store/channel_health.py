"""Whether a way out takes messages: since when nothing has gone over it though some should, and why."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.message import MessageState, MessageStep, StoredMessage

NOT_TRIED = "not-tried"
# What is wrong with one message or its reader says nothing about the channel.
_OF_THE_CHANNEL = {
    "connect-failed",
    "connection-lost",
    "login-refused",
    "lost-after-data",
    "lost-answer",
    "no-token",
    "over-quota",
    "ratelimited",
    "relay-refused",
    "sender-refused",
    "server-busy",
    "slack-auth",
    "slack-failed",
    "slack-unreachable",
    "tls-refused",
}
# Several of these in a row, and it is only probed. When it asks for patience it says itself for how long.
TAKES_NOTHING = frozenset(_OF_THE_CHANNEL - {"ratelimited"})
# Those of a channel that was away altogether: once anything goes out, all of it may.
AWAY = (
    "connect-failed",
    "connection-lost",
    "login-refused",
    "no-token",
    "relay-refused",
    "slack-auth",
    "slack-failed",
    "slack-unreachable",
    "tls-refused",
)
# A mail server puts off strangers for minutes; several at once are its own trouble.
_PUT_OFF, _SEVERAL = "deferred", 3
_STUCK = (MessageState.RETRYING, MessageState.AMBIGUOUS, MessageState.SENDING)
_VAIN = (MessageState.RETRYING, MessageState.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class Down:
    """Nothing has gone out since `since`; `cause` is the commonest of late."""

    since: datetime
    cause: str


def last_sent(session: Session, channel: str, before: datetime | None = None) -> datetime | None:
    """When a message last went out by this channel, up to a moment."""
    message = StoredMessage
    query = select(func.max(col(message.sent_at))).where(col(message.channel) == channel)
    if before is not None:
        query = query.where(col(message.sent_at) <= before)
    return session.execute(query).scalar()


def down(
    session: Session, channel: str, now: datetime, late: timedelta, kind: str | None = None
) -> Down | None:
    """Since when and why nothing goes out; None: it does, or nothing is to go out.

    `kind` is the only one that may go out at present. What lies untouched `late` after its time counts too.
    """
    # What went out in the future did so before somebody set the clock back.
    sent = last_sent(session, channel, now)
    return _failing(session, channel, sent) or _standing(session, channel, sent, now - late, kind)


def _failing(session: Session, channel: str, sent: datetime | None) -> Down | None:
    message, step = StoredMessage, MessageStep
    query = (
        select(col(step.message_id), col(step.at), col(step.cause))
        .join(message, col(message.id) == col(step.message_id))
        .where(col(message.channel) == channel, col(message.state).in_(_STUCK))
        .where(col(step.state).in_(_VAIN), col(step.cause).in_((*_OF_THE_CHANNEL, _PUT_OFF)))
        .order_by(col(step.id))
    )
    if sent is not None:
        query = query.where(col(step.at) > sent)
    rows = session.execute(query).all()
    clear = any(row.cause != _PUT_OFF for row in rows)
    if not clear and len({row.message_id for row in rows}) < _SEVERAL:
        return None
    return Down(rows[0].at, Counter(row.cause for row in rows[-_SEVERAL:]).most_common(1)[0][0])


def _standing(
    session: Session, channel: str, sent: datetime | None, before: datetime, kind: str | None
) -> Down | None:
    message = StoredMessage
    due = select(func.min(col(message.due_at))).where(
        col(message.channel) == channel,
        col(message.due_at) <= before,
        col(message.state) == MessageState.WAITING,
    )
    first = session.execute(due.where(col(message.kind) == kind) if kind else due).scalar()
    standing = first is not None and (sent is None or sent <= before)
    return Down(first, NOT_TRIED) if standing and first is not None else None

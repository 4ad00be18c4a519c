"""The messages of the outbox as a person sees them: list, show, send again, stop; and their history."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, Table, and_, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.errors import NotAllowed, NotFound
from kamflow.models.message import DUE, MessageFacts, MessageState, MessageStep, StoredMessage
from kamflow.models.nudge import Telling
from kamflow.store.engine import lock
from kamflow.store.tellings import SUPERSEDED

MESSAGE = cast("Table", StoredMessage.__table__)  # pyright: ignore[reportAttributeAccessIssue]
_C = MESSAGE.c
_STEPS: tuple[str, ...] = ("message_id", "at", "state", "cause")
_STEP = insert(cast("Table", MessageStep.__table__))  # pyright: ignore[reportAttributeAccessIssue]

BY_HAND = "by hand"
ENDED_UNSENT = (MessageState.FAILED, MessageState.CANCELLED)
# The cause of what was sent to the one address of `delivery.redirect_to` and not to its recipient.
REDIRECTED = "redirected"


class Step(NamedTuple):
    """One step in a message's life."""

    at: datetime
    state: str
    cause: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A message in a list. `due_at` is the next attempt of what is waiting or retrying."""

    id: int
    key: str
    kind: str
    template: str
    channel: str
    person: int | None
    contact: int | None
    state: str
    cause: str | None
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    mail_id: str | None
    instead_of: int | None


_LISTED = (
    *(_C.id, _C.key, _C.kind, _C.template, _C.channel, _C.person_id, _C.contact_id, _C.state, _C.cause),
    *(_C.attempts, _C.created_at, _C.due_at, _C.sent_at, _C.mail_id, _C.instead_of_id),
)


def find(
    session: Session,
    *,
    states: Sequence[str] = (),
    persons: Sequence[int] = (),
    kinds: Sequence[str] = (),
    channels: Sequence[str] = (),
    causes: Sequence[str] = (),
    limit: int = 100,
) -> list[Listed]:
    """Messages, the newest first; without a filter all of them."""
    query = select(*_LISTED).order_by(_C.id.desc()).limit(limit)
    wanted = {"state": states, "person_id": persons, "kind": kinds, "channel": channels, "cause": causes}
    for column, values in wanted.items():
        if values:
            query = query.where(_C[column].in_(values))
    return [Listed(*row) for row in session.execute(query)]


def show(session: Session, number: int) -> tuple[Listed, list[Step]]:
    """One message and its history, the oldest step first.

    Raises:
        NotFound: there is no such message.
    """
    row = session.execute(select(*_LISTED).where(_C.id == number)).one_or_none()
    if row is None:
        raise _unknown(number)
    step = MessageStep
    steps = session.execute(
        select(col(step.at), col(step.state), col(step.cause))
        .where(col(step.message_id) == number)
        .order_by(col(step.id))
    )
    return Listed(*row), [Step(*each) for each in steps]


def retry(session: Session, number: int, now: datetime, why: str = BY_HAND) -> MessageState:
    """Send again what failed, was cancelled or waits for its next attempt; return its new state.

    What may have arrived stays ambiguous: it is looked up before it is posted again.

    Raises:
        NotFound: there is no such message.
        NotAllowed: it was sent, is being sent, or its reader gets what it says in another message.
    """
    # While this is decided, nothing of it may be told again.
    lock(session, "compose")
    state = session.execute(select(_C.state).where(_C.id == number)).scalar_one_or_none()
    if state in ENDED_UNSENT:
        _refuse_repeated(session, number)
        if session.get(MessageFacts, number) is None:
            raise NotAllowed(f"message {number}: what it said is not kept any more ([retention])")
    again = MessageState.AMBIGUOUS if _may_have_arrived(session, number) else MessageState.WAITING
    values = {"state": again, "due_at": now, "cause": None, "attempts": 0}
    _change(session, number, (*DUE, *ENDED_UNSENT), values, now, why)
    return again


def retry_other_way(session: Session, key: str, why: str, now: datetime) -> None:
    """Send again what went another way before, and did not arrive by that either: its first way was tried
    anew, in vain. Where that cannot be it stays as it is."""
    number = session.execute(select(_C.id).where(_C.key == key, _C.state.in_(ENDED_UNSENT))).scalar()
    if number is not None:
        with suppress(NotAllowed):
            retry(session, number, now, why)


def cancel(session: Session, number: int, why: str, now: datetime) -> None:
    """Stop what has not been sent.

    Raises:
        NotFound: there is no such message.
        NotAllowed: it is being sent, or has ended.
    """
    _change(session, number, DUE, {"state": MessageState.CANCELLED, "cause": why}, now, why)


def supersede(session: Session, digests: Collection[int], cause: str, now: datetime) -> None:
    """Cancel what still waits of earlier digests to the same persons: it went into these new ones."""
    readers = select(_C.person_id).where(_C.id.in_(digests))
    waiting = (MessageState.WAITING, MessageState.RETRYING)
    old = and_(_C.template == "digest", _C.state.in_(waiting), _C.id.not_in(digests))
    # In one statement: one that is claimed meanwhile is left alone.
    stop = update(MESSAGE).where(old, _C.person_id.in_(readers)).returning(_C.id)
    numbers = session.execute(stop.values(state=MessageState.CANCELLED, cause=cause)).scalars().all()
    history(session, [(number, now, MessageState.CANCELLED, cause) for number in numbers])


def history(session: Session, steps: Sequence[tuple[int, datetime, str, str | None]]) -> None:
    """Append steps: message, when, state, cause."""
    if steps:
        rows = [dict(zip(_STEPS, step, strict=True)) for step in steps]
        session.connection().execute(_STEP, rows)


def _change(
    session: Session,
    number: int,
    states: Sequence[MessageState],
    values: Mapping[str, Any],
    now: datetime,
    why: str,
) -> None:
    statement = update(MESSAGE).where(_C.id == number, _C.state.in_(states)).values(values)
    if cast("CursorResult[Any]", session.execute(statement)).rowcount:
        history(session, [(number, now, values["state"], why)])
        return
    state = session.execute(select(_C.state).where(_C.id == number)).scalar_one_or_none()
    if state is None:
        raise _unknown(number)
    raise NotAllowed(f"message {number} is {state}: this can only be done while it is {', '.join(states)}")


def _refuse_repeated(session: Session, number: int) -> None:
    """Refuse where the reader has it, or will have it, from another message.

    Raises:
        NotAllowed: names the other message.
    """
    first = session.execute(
        select(func.coalesce(_C.instead_of_id, _C.id)).where(_C.id == number)
    ).scalar_one()
    both_ways = session.execute(
        select(_C.id, _C.state, _C.channel, _C.cause).where(or_(_C.id == first, _C.instead_of_id == first))
    )
    for other, state, channel, cause in both_ways:
        if state not in ENDED_UNSENT:
            raise NotAllowed(f"message {number} went by {channel} as message {other}, which is {state}")
        if cause == SUPERSEDED:
            raise NotAllowed(f"message {number} was superseded: what it says went into the next digest")
    if newer := _told_again(session, first):
        raise NotAllowed(f"what message {number} says was told again by message {newer}")


def _told_again(session: Session, number: int) -> int | None:
    """The newest message that tells the same person a nudge of this one anew."""
    old, new = aliased(Telling), aliased(Telling)
    same = and_(
        col(new.nudge_id) == col(old.nudge_id),
        col(new.person_id) == col(old.person_id),
        col(new.id) > col(old.id),
        col(new.message_id) != number,
    )
    told = select(func.max(col(new.message_id))).join(old, same)
    return session.execute(told.where(col(old.message_id) == number)).scalar()


def _may_have_arrived(session: Session, number: int) -> bool:
    """Tell whether the last attempt that could say so does not exclude it; SENDING: its lease ended."""
    step, unsure = MessageStep, (MessageState.AMBIGUOUS, MessageState.SENDING)
    last = (
        select(col(step.state))
        .where(col(step.message_id) == number, col(step.state).in_((*unsure, MessageState.RETRYING)))
        .order_by(col(step.id).desc())
    )
    return session.execute(last.limit(1)).scalar() in unsure


def _unknown(number: int) -> NotFound:
    return NotFound(f"no message {number}: `kamflow outbox` lists them")


def by_mail_id(session: Session, mail_ids: Collection[str]) -> StoredMessage | None:
    """The message that went out under one of these Message-IDs; the newest, should there be several."""
    if not mail_ids:
        return None
    found = select(StoredMessage).where(_C.mail_id.in_(mail_ids)).order_by(_C.id.desc()).limit(1)
    return session.execute(found).scalar_one_or_none()


def all_sent(session: Session, now: datetime) -> None:
    """Take all that is due as sent: in a rehearsal nothing fails and nothing is delivered."""
    due = and_(_C.state.in_(DUE), _C.due_at <= now)
    session.execute(update(MESSAGE).where(due).values(state=MessageState.SENT, sent_at=now))

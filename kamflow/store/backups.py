"""Backups that were made and restored, as events; and what a home has to stop before it sends again."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.run import FlowRun
from kamflow.store import events
from kamflow.store.messages import DUE, MESSAGE, history
from kamflow.store.places import BACKUP

RESTORED, ADOPTED = "home.restored", "home.adopted"
# The cause of what a copied or restored home does not send: it may have gone out since it was copied.
HELD = "restored"


def made(session: Session, now: datetime, size: int) -> None:
    """Write down that a backup was made: how many bytes."""
    events.record(session, BACKUP, now, bytes=size)


def restored(session: Session, now: datetime, taken_at: datetime) -> None:
    """Write down that the database is that of a backup."""
    events.record(session, RESTORED, now, taken_at=taken_at.isoformat())


def waits_for_adoption(session: Session) -> bool:
    """Tell whether the database was restored and not adopted since."""
    since, adopted = _newest_id(session, RESTORED), _newest_id(session, ADOPTED)
    return since is not None and (adopted is None or adopted < since)


def last_sign(session: Session) -> datetime | None:
    """The last moment of which the database knows: what came after it may have been sent all the same.

    What a restore wrote does not count.
    """
    said = select(func.max(col(Event.at))).where(col(Event.name).not_in((RESTORED, ADOPTED)))
    found = [
        session.execute(query).scalar()
        for query in (
            said,
            select(func.max(col(FlowRun.started_at))),
            select(func.max(col(StoredMessage.created_at))),
            select(func.max(col(StoredMessage.sent_at))),
        )
    ]
    return max((each for each in found if each is not None), default=None)


def hold(session: Session, now: datetime) -> int:
    """Stop every message that has not been sent; return how many. `kamflow outbox` shows the cause."""
    column = MESSAGE.c
    waiting = select(column.id).where(column.state.in_((*DUE, MessageState.SENDING))).with_for_update()
    numbers = list(session.execute(waiting).scalars())
    free = {"leased_by": None, "leased_until": None}
    values = {"state": MessageState.CANCELLED, "cause": HELD, **free}
    session.execute(update(MESSAGE).where(column.id.in_(numbers)).values(values))
    history(session, [(number, now, MessageState.CANCELLED, HELD) for number in numbers])
    return len(numbers)


def _newest_id(session: Session, name: str) -> int | None:
    return session.execute(select(func.max(col(Event.id))).where(col(Event.name) == name)).scalar()

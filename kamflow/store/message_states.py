"""How many messages are in which state."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.message import MessageState, StoredMessage


def counts(session: Session, persons: Sequence[int] = ()) -> dict[str, int]:
    """State -> number of messages (to these persons, where some are named), in the order of their life."""
    state = col(StoredMessage.state)
    query = select(state, func.count()).group_by(state)
    if persons:
        query = query.where(col(StoredMessage.person_id).in_(persons))
    found = {row[0]: row[1] for row in session.execute(query).all()}
    return {each.value: found[each.value] for each in MessageState if each.value in found}


def held_up(session: Session, now: datetime) -> int:
    """How many are due and were not tried: their channel is away, or the mailbox has its minute's fill."""
    row = StoredMessage
    due = (col(row.state) == MessageState.WAITING, col(row.due_at) <= now)
    return session.execute(select(func.count()).select_from(row).where(*due)).scalar_one()

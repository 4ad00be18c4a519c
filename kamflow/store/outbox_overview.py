"""The outbox as a whole: how many messages in which state, and why some were not sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.message import MessageState, StoredMessage
from kamflow.store.messages import DUE, ENDED_UNSENT

RECENT = timedelta(days=7)  # what failed before that is history: nobody will send it any more
TRYING = (MessageState.RETRYING, MessageState.AMBIGUOUS)


@dataclass(frozen=True, slots=True)
class Pile:
    """Messages of one channel in one state. `oldest_due`: since when the first should have gone."""

    channel: str
    state: str
    count: int
    oldest_due: datetime | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Messages of one channel that did not arrive for one cause: given up (failed) or still tried."""

    channel: str
    state: str
    cause: str | None
    count: int
    first: datetime
    last: datetime


def counts(session: Session, now: datetime) -> list[Pile]:
    """Every channel and state there is, in the order of a message's life; reads one index only."""
    row = StoredMessage
    query = select(col(row.channel), col(row.state), func.count(), func.min(col(row.due_at)))
    order = {state.value: place for place, state in enumerate(MessageState)}
    found = [
        Pile(channel, state, count, oldest if state in DUE and oldest <= now else None)
        for channel, state, count, oldest in session.execute(query.group_by(col(row.state), col(row.channel)))
    ]
    return sorted(found, key=lambda pile: (pile.channel, order[pile.state]))


def causes(session: Session, now: datetime) -> list[Cause]:
    """Why messages did not arrive: what is still tried, and what failed lately; the largest first.

    What failed on one channel and went by the other is left out: its reader has it.
    """
    row = StoredMessage
    columns = (col(row.channel), col(row.state), col(row.cause))
    query = select(*columns, func.count(), func.min(col(row.due_at)), func.max(col(row.due_at)))
    wanted = or_(col(row.state).in_(TRYING), failed_lately(now))
    found = session.execute(query.where(wanted).group_by(*columns))
    return sorted(
        (Cause(*each) for each in found), key=lambda each: (-each.count, each.channel, each.cause or "")
    )


def failed_lately(now: datetime) -> ColumnElement[bool]:
    """The condition for messages that were given up in the last week and reached nobody another way."""
    row, other, first = StoredMessage, aliased(StoredMessage), aliased(StoredMessage)
    went_on = select(col(other.id)).where(col(other.instead_of_id) == col(row.id)).exists()
    arrived = select(col(first.id)).where(
        col(first.id) == col(row.instead_of_id), col(first.state).not_in(ENDED_UNSENT)
    )
    recent = and_(col(row.state) == MessageState.FAILED, col(row.due_at) >= now - RECENT)
    return and_(recent, ~went_on, ~arrived.exists())

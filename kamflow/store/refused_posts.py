"""Posts that Slack did not take because of what they are: a fault of ours, and waiting mends nothing."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.message import MessageState, MessageStep, StoredMessage


def newest(session: Session, causes: Collection[str], since: datetime) -> str | None:
    """Why the newest of them was refused, of those since then; None: none was."""
    message, step = StoredMessage, MessageStep
    return session.execute(
        select(col(step.cause))
        .join(message, col(message.id) == col(step.message_id))
        .where(col(message.channel) == "slack", col(message.state) == MessageState.FAILED)
        .where(col(message.cause).in_(causes))
        .where(col(step.state) == MessageState.FAILED, col(step.at) > since)
        .order_by(col(step.id).desc())
        .limit(1)
    ).scalar()

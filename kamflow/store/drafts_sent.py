"""Which message brought a person the draft of a briefing."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.message import Document, StoredMessage


def by_round(
    session: Session, people: Collection[int], rounds: Collection[int]
) -> dict[tuple[int, int], int]:
    """(Person, round) -> the newest message with its draft; what waits to be sent can be read already."""
    if not rounds:
        return {}
    rows = session.execute(
        select(col(StoredMessage.person_id), col(Document.round_id), col(StoredMessage.id))
        .join(Document, col(Document.message_id) == col(StoredMessage.id))
        .where(col(Document.kind) == "draft", col(Document.round_id).in_(set(rounds)))
        .where(col(StoredMessage.person_id).in_(set(people)))
        .order_by(col(StoredMessage.id))
    )
    return {(person, talk): message for person, talk, message in rows}

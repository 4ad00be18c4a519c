"""Who was told of a nudge, and what became of the message."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.message import StoredMessage
from kamflow.models.nudge import Telling
from kamflow.models.person import Person


@dataclass(frozen=True, slots=True)
class Told:
    """One telling: to whom, on which day, the how-manieth, why, by which message."""

    person: str
    on: date
    number: int
    reason: str
    channel: str
    state: str
    cause: str | None
    message: int


def of_nudge(session: Session, nudge: int) -> list[Told]:
    """All tellings of a nudge, the first one first."""
    rows = session.execute(
        select(
            col(Person.name),
            col(Telling.told_on),
            col(Telling.number),
            col(Telling.reason),
            col(StoredMessage.channel),
            col(StoredMessage.state),
            col(StoredMessage.cause),
            col(StoredMessage.id),
        )
        .join(Person, col(Person.id) == col(Telling.person_id))
        .join(StoredMessage, col(StoredMessage.id) == col(Telling.message_id))
        .where(col(Telling.nudge_id) == nudge)
        .order_by(col(Telling.id))
    )
    return [Told(*row) for row in rows]

"""Mails of kamflow's own mailbox that were dealt with: each once, however often it is seen."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from kamflow.models.event import ReceivedMail

_MAIL = cast("Table", ReceivedMail.__table__)  # pyright: ignore[reportAttributeAccessIssue]


def known(session: Session, message_id: str) -> bool:
    """Tell whether a mail was dealt with."""
    return session.get(ReceivedMail, message_id) is not None


def add(session: Session, message_id: str, now: datetime, verdict: str, person: int | None = None) -> bool:
    """Note what became of a mail; False where another reader of the mailbox was first."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"message_id": message_id, "at": now, "verdict": verdict, "person_id": person}
    inserted = dialect.insert(_MAIL).values(row).on_conflict_do_nothing(index_elements=["message_id"])
    return session.execute(inserted.returning(_MAIL.c.message_id)).scalar_one_or_none() is not None

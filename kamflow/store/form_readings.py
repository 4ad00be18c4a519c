"""What a form wrote last: until somebody else changes such a row, a difference is a change of the form's.

Without it whoever hands the same file in twice, with more in it each time, would be told that kamflow has
something else meanwhile: what they said themselves the first time.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.event import Event

NAME = "form.read"


def versions(session: Session, account: int, token: str) -> dict[str, int]:
    """Row, such as `measure:7` or `section:3`, -> its version when this form wrote it last."""
    query = (
        select(col(Event.payload))
        .where(col(Event.account_id) == account, col(Event.name) == NAME)
        .order_by(col(Event.id))
    )
    found: dict[str, int] = {}
    for payload in session.execute(query).scalars():
        if payload.get("form") == token:
            found |= payload["rows"]
    return found


def payload(token: str, rows: Mapping[str, int]) -> dict[str, object]:
    """What the event says: ids and versions."""
    return {"form": token, "rows": dict(rows)}

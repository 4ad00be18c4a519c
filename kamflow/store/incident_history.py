"""What was wrong and is over."""

from sqlalchemy import select
from sqlmodel import Session

from kamflow.store.incidents import INCIDENT, Known


def over(session: Session, page: int, size: int) -> list[Known]:
    """A page (from 1) of `size` incidents that are over, the newest first, and one more that tells of another
    page."""
    columns = [INCIDENT.c[name] for name in Known.__dataclass_fields__]
    ended = select(*columns).where(INCIDENT.c.closed_at.is_not(None))
    newest = ended.order_by(INCIDENT.c.opened_at.desc(), INCIDENT.c.id.desc())
    return [Known(*row) for row in session.execute(newest.offset((page - 1) * size).limit(size + 1))]

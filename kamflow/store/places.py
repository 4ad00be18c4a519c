"""What this home takes and since when it is there: the size of its database, its last backup."""

from datetime import datetime

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from kamflow.models.event import Event
from kamflow.models.message import AdoptedHome

BACKUP = "backup.made"


def database_bytes(session: Session) -> int:
    """What the database takes on its disk."""
    if session.get_bind().dialect.name == "postgresql":
        return session.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    pages, size = (
        session.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size")
    )
    return pages * size


def last_backup(session: Session) -> datetime | None:
    """When a backup was last made."""
    return session.execute(select(func.max(col(Event.at))).where(col(Event.name) == BACKUP)).scalar()


def begun(session: Session) -> datetime | None:
    """Since when a home sends from this database."""
    return session.execute(select(func.min(col(AdoptedHome.adopted_at)))).scalar()

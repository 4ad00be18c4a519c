"""Which `kamflow up` there are: each says every few seconds that it is alive."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import Session, col

from kamflow.models.watch import Supervisor
from kamflow.store import leases

KEPT = timedelta(days=7)  # after it was last seen


def begun(session: Session, supervisor: Supervisor, lease: str) -> None:
    """Write down a new one. Whoever was at the same place before is dead: only one at a time can be there."""
    now = supervisor.started_at
    here = select(Supervisor).where(
        col(Supervisor.host) == supervisor.host,
        col(Supervisor.path) == supervisor.path,
        col(Supervisor.stopped_at).is_(None),
    )
    for former in session.execute(here).scalars():
        former.stopped_at = max(now, former.seen_at)
        leases.give_back(session, lease, former.name, now)
    session.execute(delete(Supervisor).where(col(Supervisor.seen_at) < now - KEPT))
    session.merge(supervisor)


def seen(session: Session, name: str, now: datetime) -> None:
    """Say that it is alive."""
    row = session.get(Supervisor, name)
    if row is not None:
        row.seen_at = now


def stopped(session: Session, name: str, now: datetime) -> None:
    """Say that it was stopped."""
    row = session.get(Supervisor, name)
    if row is not None:
        row.seen_at = row.stopped_at = now


def all_of_them(session: Session) -> list[Supervisor]:
    """Those of the last days, the newest first."""
    return list(session.execute(select(Supervisor).order_by(col(Supervisor.started_at).desc())).scalars())

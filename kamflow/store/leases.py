"""A lease: what only one process at a time may do, such as beat the clock; left alone it ends by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.models.watch import Lease
from kamflow.store import engine as db

# An end further ahead than this many times the length was written by a clock that has been set back since.
TOO_FAR = 4


def take(engine: Engine, name: str, holder: str, now: datetime, seconds: float) -> bool:
    """Take the lease or prolong it by `seconds`; False while another holds it."""
    with db.write(engine) as session:
        return taken(session, name, holder, now, seconds)


def taken(
    session: Session,
    name: str,
    holder: str,
    now: datetime,
    seconds: float,
    ended: Callable[[Lease], bool] | None = None,
) -> bool:
    """`take` within a transaction.

    `ended` says of another's lease whether it is over, where somebody knows it better than a clock that may
    be wrong.
    """
    db.lock(session, f"lease:{name}")
    row, until = session.get(Lease, name), now + timedelta(seconds=seconds)
    if row is None:
        session.add(Lease(name=name, holder=holder, since=now, until=until))
        return True
    if row.holder != holder:
        if not (ended(row) if ended else over(row, now, seconds)):
            return False
        row.holder, row.since, row.term = holder, now, row.term + 1
    row.until = until
    return True


def over(lease: Lease, now: datetime, seconds: float) -> bool:
    """Tell whether one of so many seconds has ended by the clock."""
    return not now < lease.until <= now + timedelta(seconds=seconds * TOO_FAR)


def give_back(session: Session, name: str, holder: str, now: datetime) -> None:
    """End the lease where this holder has it, so that another need not wait for its end."""
    db.lock(session, f"lease:{name}")
    row = session.get(Lease, name)
    if row is not None and row.holder == holder:
        row.until = min(row.since, now)


def given_back(lease: Lease) -> bool:
    """Tell whether its holder, or who knows that it is dead, has ended it."""
    return lease.until <= lease.since


def held(session: Session, name: str, now: datetime) -> Lease | None:
    """The lease, if somebody holds it at present."""
    row = session.get(Lease, name)
    return row if row is not None and row.until > now else None

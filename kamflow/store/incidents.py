"""What is wrong at the moment: opened once, touched while it lasts, over once it is.

What comes back before its end was told is the same incident going on: nobody is told of each flicker.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Table, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from kamflow.models.watch import Incident

INCIDENT = cast("Table", Incident.__table__)  # pyright: ignore[reportAttributeAccessIssue]
_C = INCIDENT.c
_OPEN = _C.closed_at.is_(None)


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as it stands. `told_at` and `end_told_at`: when operations were told of it and its end."""

    id: int
    key: str
    kind: str
    facts: Mapping[str, Any]
    opened_at: datetime
    seen_at: datetime
    told_at: datetime | None = None
    closed_at: datetime | None = None
    end_told_at: datetime | None = None

    @property
    def about(self) -> str:
        """What it is about: the flow, the channel, the source."""
        return self.key.partition(":")[2]

    def lasted(self, now: datetime) -> timedelta:
        """For how long; never negative, though somebody may have set the clock back."""
        return max((self.closed_at or now) - self.opened_at, timedelta())


def report(session: Session, key: str, kind: str, facts: Mapping[str, Any], now: datetime) -> None:
    """Say that this is wrong: opens an incident, or touches the one that is open.

    `facts` hold ids and figures only. One whose end is still to be told goes on.
    """
    goes_on = or_(_OPEN, and_(_C.told_at.is_not(None), _C.end_told_at.is_(None)))
    newest = select(func.max(_C.id)).where(_C.key == key, goes_on).scalar_subquery()
    seen = {"facts": dict(facts), "seen_at": now, "closed_at": None}
    if _changed(session, update(INCIDENT).where(_C.id == newest).values(seen)):
        return
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {"key": key, "kind": kind, "opened_at": now} | seen
    session.execute(dialect.insert(INCIDENT).values(row).on_conflict_do_nothing())


def over(session: Session, key: str, now: datetime) -> bool:
    """Say that it is not wrong any more; tell whether it was."""
    return _changed(session, update(INCIDENT).where(_C.key == key, _OPEN).values(closed_at=now))


def open_now(session: Session) -> list[Known]:
    """What is wrong now, the oldest first."""
    return _found(session, _OPEN)


def find(session: Session, numbers: Collection[int]) -> list[Known]:
    """These incidents, open or over."""
    return _found(session, _C.id.in_(numbers))


def recent(session: Session, since: datetime) -> list[Known]:
    """What is wrong now, and what was over after `since`; the oldest first."""
    return _found(session, or_(_OPEN, _C.closed_at >= since))


def to_tell(session: Session) -> list[Known]:
    """What operations do not know of yet: that it is wrong, or that it is over.

    What was over before anybody heard of it is told by nobody.
    """
    opened = and_(_OPEN, _C.told_at.is_(None))
    ended = and_(~_OPEN, _C.told_at.is_not(None), _C.end_told_at.is_(None))
    return _found(session, or_(opened, ended))


def last_told(session: Session) -> datetime | None:
    """When operations were last told of anything."""
    told = session.execute(select(func.max(_C.told_at), func.max(_C.end_told_at))).one()
    return max((at for at in told if at is not None), default=None)


def times(session: Session, key: str, since: datetime) -> int:
    """How often this has been wrong since then and was told."""
    query = select(func.count()).where(_C.key == key, _C.opened_at >= since, _C.told_at.is_not(None))
    return session.execute(query).scalar_one()


def told(session: Session, opened: Collection[int], ended: Collection[int], now: datetime) -> None:
    """Note that operations are told of these and of the end of those."""
    session.execute(update(INCIDENT).where(_C.id.in_(opened)).values(told_at=now))
    session.execute(update(INCIDENT).where(_C.id.in_(ended)).values(end_told_at=now))


def _found(session: Session, wanted: Any) -> list[Known]:
    columns = [_C[name] for name in Known.__dataclass_fields__]
    rows = session.execute(select(*columns).where(wanted).order_by(_C.opened_at, _C.id))
    return [Known(*row) for row in rows]


def _changed(session: Session, statement: Any) -> bool:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount > 0

"""What to do when somebody set the clock back: what was written an hour ahead must not wait for an hour.

Nothing is sent twice because of it: a lease that lasts too long is shortened, so that who still holds it
prolongs it and who died loses it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, text, update
from sqlmodel import Session, col

from kamflow.models.message import DUE, MessageState, MessageStep, in_states
from kamflow.store.messages import MESSAGE, history

CAUSE = "clock-set-back"
# Two machines of one database may differ by that much.
BETWEEN_MACHINES = timedelta(minutes=1)

_C = MESSAGE.c


def back(session: Session, now: datetime, lease: timedelta) -> bool:
    """Tell whether messages wait for a time that was written before the clock was set back."""
    far = select(_C.id).where(*_held_too_long(now, lease)).limit(1)
    return session.execute(far).first() is not None or bool(_ahead(session, now)[0])


def mend(session: Session, now: datetime, lease: timedelta) -> int:
    """Shorten leases that last too long, and bring attempts forward; return how many of these."""
    session.execute(update(MESSAGE).where(*_held_too_long(now, lease)).values(leased_until=now + lease))
    rows, by = _ahead(session, now)
    if rows:
        same = and_(_C.id == bindparam("number"), _C.state == bindparam("was"))
        moved = update(MESSAGE).where(same).values(due_at=bindparam("at"))
        nearer = [{"number": row.id, "was": row.state, "at": max(now, row.due_at - by)} for row in rows]
        session.connection().execute(moved, nearer)
        history(session, [(row.id, now, row.state, CAUSE) for row in rows])
    return len(rows)


def _held_too_long(now: datetime, lease: timedelta) -> list[Any]:
    sending = text(in_states((MessageState.SENDING,)))
    return [sending, _C.leased_until > now + 2 * lease + BETWEEN_MACHINES]


def _ahead(session: Session, now: datetime) -> tuple[Sequence[Any], timedelta]:
    """What is to be tried at a time that was reckoned from one that is still to come, and by how much."""
    newest = select(col(MessageStep.at)).order_by(col(MessageStep.id).desc()).limit(1)
    at = session.execute(newest).scalar()
    if at is None or at <= now + BETWEEN_MACHINES:
        return [], timedelta()
    tried = _C.state.in_((MessageState.RETRYING, MessageState.AMBIGUOUS))
    ahead = and_(text(in_states(DUE)), _C.due_at > now, or_(tried, _C.created_at > now + BETWEEN_MACHINES))
    return session.execute(select(_C.id, _C.state, _C.due_at).where(ahead)).all(), at - now

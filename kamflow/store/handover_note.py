"""What a hand-over of an account leaves behind: what is still to be moved, and a page still to be sent.

A note is a document without a message. The hand-over is announced, or has taken place; on its day what was
announced is moved, unless the team says something else by then.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.models.message import Document
from kamflow.nudge import canonical
from kamflow.store import account_move
from kamflow.store import engine as db
from kamflow.store.account_move import Move

KIND = "account_handover"
ANNOUNCED, MOVED, DROPPED = "announced", "moved", "dropped"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Note:
    """Who takes over which account from whom, and since when."""

    document: int
    account: int
    person: int
    before: int | None
    on: date


def keep(session: Session, move: Move, before: int | None, *, moved: bool) -> None:
    """Note a hand-over; said again it is no second one."""
    again = select(Document).where(
        col(Document.kind) == KIND,
        col(Document.message_id).is_(None),
        col(Document.account_id) == move.account,
        col(Document.person_id) == move.to,
        col(Document.as_of) == move.on,
    )
    row = session.execute(again).scalars().first()
    if row is None:
        row = Document(
            kind=KIND, account_id=move.account, person_id=move.to, as_of=move.on, facts={}, digest=""
        )
        session.add(row)
    facts = {"account": move.account, "person": before, "on": move.on.isoformat()}
    _write(session, row, facts | {"state": MOVED if moved else ANNOUNCED})


def arrive(engine: Engine, today: date, now: datetime) -> frozenset[int]:
    """Move what was announced for today or a day before; whose accounts that were, with their sites."""
    with db.read(engine) as session:
        if not _open(session, ANNOUNCED, today):
            return frozenset()
    with db.write(engine) as session:
        return arrived(session, today, now)


def arrived(session: Session, today: date, now: datetime) -> frozenset[int]:
    """As `arrive`, in a transaction that is open."""
    found = [_move(session, row, now) for row in _open(session, ANNOUNCED, today)]
    return frozenset().union(*found)


def _move(session: Session, row: Document, now: datetime) -> Collection[int]:
    account, to, on = row.account_id or 0, row.person_id or 0, row.as_of
    db.lock(session, f"team:{account}")
    session.refresh(row)
    if row.facts["state"] != ANNOUNCED:
        return ()  # another run was here first
    before = account_move.until(session, account, on)
    stays = to in account_move.kams(session, account, on)
    new = stays and to not in account_move.kams(session, account, on - _DAY)
    if not stays or not (new or before):
        _write(session, row, row.facts | {"state": DROPPED})
        return ()
    moved = account_move.everything(session, Move(account, to, on), before, now)
    _write(session, row, row.facts | {"person": next(iter(moved.before), None), "state": MOVED})
    return account_move.with_sites(session, account, on)


def waiting(session: Session, persons: Iterable[int], today: date) -> list[Note]:
    """The pages that these people have not been sent, of hand-overs that took place by this day."""
    wanted = set(persons)
    return [
        Note(row.id or 0, row.account_id or 0, row.person_id or 0, row.facts["person"], row.as_of)
        for row in _open(session, MOVED, today)
        if row.person_id in wanted
    ]


def sent(session: Session, page: Note, facts: Mapping[str, Any], message: int) -> None:
    """Keep what the page says, and the message that carries it."""
    row = session.get_one(Document, page.document)
    row.message_id = message
    _write(session, row, facts)


def drop(session: Session, page: Note) -> None:
    """Send no page: somebody else has the account by now, or it was sent already."""
    row = session.get_one(Document, page.document)
    _write(session, row, row.facts | {"state": DROPPED})


def any_open(session: Session) -> bool:
    """Tell whether a page is still to come."""
    return bool(_open(session, ANNOUNCED, date.max) or _open(session, MOVED, date.max))


def _open(session: Session, state: str, until: date) -> list[Document]:
    rows = session.execute(
        select(Document)
        .where(col(Document.kind) == KIND, col(Document.message_id).is_(None), col(Document.as_of) <= until)
        .order_by(col(Document.as_of), col(Document.id))
        .execution_options(populate_existing=True)
    )
    return [row for row in rows.scalars() if row.facts.get("state", MOVED) == state]


def _write(session: Session, row: Document, facts: Mapping[str, Any]) -> None:
    row.facts, row.digest = (
        dict(facts),
        hashlib.blake2b(canonical(facts).encode(), digest_size=16).hexdigest(),
    )
    session.flush()

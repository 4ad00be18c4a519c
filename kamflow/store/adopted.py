"""Which homes may send from this database: a copied or restored one must not send a second time."""

import socket
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session

from kamflow.errors import NotAdopted
from kamflow.models.message import AdoptedHome


def adopt(session: Session, home: Path, now: datetime, *, add: bool = False) -> None:
    """Let this home, on this machine, compose and deliver; alone, or with `add` beside the others."""
    host, path = _place(home)
    if not add:
        session.execute(delete(AdoptedHome))
    if session.get(AdoptedHome, (host, path)) is None:
        session.add(AdoptedHome(host=host, path=path, adopted_at=now))
        session.flush()


def is_adopted(session: Session, home: Path) -> bool:
    return session.get(AdoptedHome, _place(home)) is not None


def require(session: Session, home: Path) -> None:
    """Refuse a home that is not listed.

    Raises:
        NotAdopted: it is a copy, was moved or restored.
    """
    if not is_adopted(session, home):
        host, path = _place(home)
        raise NotAdopted(
            f"{path} on {host} may not send from this database: it is new, a copy, or was moved or restored."
            " Run `kamflow adopt` on it once nothing else sends from the same data"
        )


def _place(home: Path) -> tuple[str, str]:
    return socket.gethostname(), str(home.resolve())

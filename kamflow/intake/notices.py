"""Tell the owner of a source what came back, and operations what was held or refused.

Facts are ids and figures: what a row said stands only in the rejects folder.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from kamflow.intake.report import FileRead
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.person import Person
from kamflow.models.source import ImportedFile, Source
from kamflow.store import events
from kamflow.store.engine import write
from kamflow.store.messages import history


def rejects(engine: Engine, source: str, file: FileRead, now: datetime) -> None:
    """Tell the source's owner how many rows came back; without an owner, operations."""
    facts = {"source": source, "file_id": file.row_id, "rejected": file.rejected, "rows": file.rows}
    with write(engine) as session:
        _add(session, source, f"rejects:{file.row_id}", "rejects", facts, now)


def held(engine: Engine, source: str, path: Path, rows: int, last: int, now: datetime) -> None:
    """Note that a file is held back and say so, once per content."""
    facts = {"cause": f"{source}: a file has {rows} rows, the last one had {last}; held in the inbox"}
    _once(engine, source, path, "held", rows, facts, now)


def refused(engine: Engine, source: str, path: Path, now: datetime) -> None:
    """Note that a file was refused and say so, once per content."""
    facts = {"cause": f"{source}: a file was refused; it lies in rejects with the reason"}
    _once(engine, source, path, "refused", 0, facts, now)


def _once(
    engine: Engine, source: str, path: Path, state: str, rows: int, facts: dict[str, Any], now: datetime
) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with write(engine) as session:
        query = select(col(ImportedFile.id)).where(
            col(ImportedFile.source) == source, col(ImportedFile.name) == path.name,
            col(ImportedFile.digest) == digest, col(ImportedFile.state) == state,
        )  # fmt: skip
        if session.execute(query).first() is not None:
            return
        stored = ImportedFile(
            source=source, name=path.name, digest=digest, rows=rows, state=state, imported_at=now
        )
        session.add(stored)
        session.flush()
        events.record(session, f"file.{state}", now, file=stored.id, rows=rows)
        told = {"flow": "intake", "day": now.date().isoformat(), "file_id": stored.id} | facts
        _add(session, source, f"{state}:{stored.id}", "alert", told, now)


def _add(
    session: Session, source: str, key: str, template: str, facts: dict[str, Any], now: datetime
) -> None:
    """Put a message into the outbox, unless its key is there."""
    if session.execute(select(col(StoredMessage.id)).where(col(StoredMessage.key) == key)).first():
        return
    stored = session.get(Source, source)
    owner = session.get(Person, stored.owner_id) if stored and stored.owner_id else None
    to_owner = template == "rejects" and owner is not None and owner.left_on is None
    message = StoredMessage(
        key=key,
        kind="notice" if template == "rejects" else "alert",
        channel=owner.channel if to_owner and owner else "email",
        template=template,
        person_id=owner.id if to_owner and owner else None,
        facts=facts,
        state=MessageState.WAITING,
        created_at=now,
        due_at=now,
    )
    session.add(message)
    session.flush()
    history(session, [(message.id or 0, now, MessageState.WAITING, None)])

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
from kamflow.models.person import Person
from kamflow.models.source import ImportedFile, Source
from kamflow.store import events
from kamflow.store.engine import write
from kamflow.store.new_messages import NewMessage, add


def rejects(session: Session, source: str, file: FileRead, now: datetime) -> None:
    """Tell the source's owner how many rows came back, once per content; without an owner, operations."""
    facts = {"source": source, "file_id": file.row_id, "rejected": file.rejected, "rows": file.rows}
    _add(session, source, f"rejects:{source}:{file.digest}", "rejects", facts, now)


def held(engine: Engine, source: str, path: Path, rows: int, last: int, now: datetime) -> None:
    """Note that a file is held back and say so, once per content."""
    _once(engine, source, path, "held", rows, {"rows": rows, "last": last}, now)


def refused(engine: Engine, source: str, path: Path, now: datetime) -> None:
    """Note that a file was refused and say so, once per content."""
    _once(engine, source, path, "refused", 0, {}, now)


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
        told = {"source": source, "state": state, "file_id": stored.id, "day": now.date().isoformat()} | facts
        _add(session, source, f"{state}:{source}:{digest}", "held_file", told, now)


def _add(
    session: Session, source: str, key: str, template: str, facts: dict[str, Any], now: datetime
) -> None:
    """Put a message into the outbox, unless its key is there."""
    stored = session.get(Source, source)
    owner = session.get(Person, stored.owner_id) if stored and stored.owner_id else None
    to_owner = template == "rejects" and owner is not None and owner.left_on is None
    message = NewMessage(
        key=key,
        kind="notice" if template == "rejects" else "alert",
        channel=owner.channel if to_owner and owner else "email",
        template=template,
        facts=facts,
        person=owner.id if to_owner and owner else None,
    )
    add(session, message, now)

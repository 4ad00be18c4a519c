"""A briefing that waits is sent as the KAM looked it through until then: struck, corrected, released.

Its facts name the lines that were left out and where they stood, so that one can come back.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import select, update
from sqlmodel import Session, col

from kamflow.models.meeting import BriefingNote
from kamflow.models.message import Document, StoredMessage
from kamflow.nudge import canonical
from kamflow.store import briefing_facts
from kamflow.store.meeting_rows import RoundRow

Facts: TypeAlias = Mapping[str, Any]


def again(facts: Facts, notes: Iterable[BriefingNote], talk: RoundRow | None) -> dict[str, Any]:
    """The facts of a page with the notes and the release as they are now."""
    said = {**facts, **briefing_facts.noted(briefing_facts.whole(facts), notes)}
    if talk is None or talk.released_on is None or talk.released_revision != facts["revision"]:
        return said
    return said | {"reviewed": True, "released_on": talk.released_on.isoformat()}


def keep(session: Session, messages: Mapping[int, Facts]) -> None:
    """Let the documents say what these messages say, each of the reader it was made for."""
    carriers = _carriers(session, messages)
    rows = session.execute(
        select(col(Document.id), col(Document.facts), col(Document.message_id)).where(
            col(Document.message_id).in_(carriers)
        )
    ).all()
    for number, before, carrier in rows:
        said = messages[carriers[carrier]]
        facts = {key: said[key] for key in before}
        digest = hashlib.blake2b(canonical(facts).encode(), digest_size=16).hexdigest()
        changed = update(Document).where(col(Document.id) == number)
        session.execute(changed.values(facts=facts, digest=digest))


def _carriers(session: Session, messages: Iterable[int]) -> dict[int, int]:
    """The message that first carried a document -> the one that does now."""
    numbers = list(messages)
    rows = session.execute(
        select(col(StoredMessage.id), col(StoredMessage.instead_of_id)).where(
            col(StoredMessage.id).in_(numbers)
        )
    )
    return {instead or number: number for number, instead in rows}

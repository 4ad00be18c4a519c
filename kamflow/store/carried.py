"""Documents and the messages that carry them, written for many at once.

What a document says is kept with its digest; its message goes to the reader, and copies of it to others.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update

from kamflow.models.message import Document, MessageState
from kamflow.nudge import canonical
from kamflow.store import traces
from kamflow.store.mornings import Mornings
from kamflow.store.new_messages import NORMAL, insert_all
from kamflow.store.run import Run

DOCUMENT = cast("Table", Document.__table__)  # pyright: ignore[reportAttributeAccessIssue]


@dataclass(frozen=True, slots=True)
class Carried:
    """A document for one person by e-mail; `copies` are others who read it too. `key` is its effect's.

    It is of use up to the day `until`, where there is one, and before what `begins`; it may leave from
    `not_before` on.
    """

    document: str
    message: str
    template: str
    key: str
    account: int | None
    person: int
    facts: Mapping[str, Any]
    talk: int | None = None
    revision: int | None = None
    until: date | None = None
    begins: datetime | None = None
    not_before: date | None = None
    copies: tuple[int, ...] = ()


def write(run: Run, papers: Sequence[Carried]) -> None:
    """Keep the documents, and put their messages into the outbox."""
    if not papers:
        return
    kept = insert(DOCUMENT).returning(DOCUMENT.c.id, sort_by_parameter_order=True)
    numbers = list(run.session.execute(kept, [_kept(run, paper) for paper in papers]).scalars())
    mornings = Mornings(run, {reader for paper in papers for reader in (paper.person, *paper.copies)})
    readers = [
        (paper, number, reader)
        for paper, number in zip(papers, numbers, strict=True)
        for reader in (paper.person, *paper.copies)
    ]
    rows = [_message(run, paper, number, reader, mornings) for paper, number, reader in readers]
    messages = insert_all(run.session, rows, run.now)
    carriers = [
        {"paper": number, "carrier": message}
        for (paper, number, reader), message in zip(readers, messages, strict=True)
        if reader == paper.person
    ]
    named = update(DOCUMENT).where(DOCUMENT.c.id == bindparam("paper"))
    run.session.connection().execute(named.values(message_id=bindparam("carrier")), carriers)


def message_key(effect: str, reader: int) -> str:
    """What the message of an effect to a reader is known by."""
    return f"effect:{effect}:{reader}"


def _kept(run: Run, paper: Carried) -> dict[str, Any]:
    return {
        "kind": paper.document,
        "account_id": paper.account,
        "person_id": paper.person,
        "round_id": paper.talk,
        "revision": paper.revision,
        "as_of": run.today,
        "facts": dict(paper.facts),
        "digest": hashlib.blake2b(canonical(paper.facts).encode(), digest_size=16).hexdigest(),
    }


def _message(run: Run, paper: Carried, number: int, reader: int, mornings: Mornings) -> dict[str, Any]:
    """A mail at the beginning of the reader's next working day: a document can wait for that."""
    copied = {} if reader == paper.person else {"for_person": paper.person}
    return {
        "key": message_key(paper.key, reader),
        "kind": paper.message,
        "channel": "email",
        "template": paper.template,
        "person_id": reader,
        "facts": dict(paper.facts) | {"document": number} | copied,
        "priority": NORMAL,
        "state": MessageState.WAITING,
        "created_at": run.now,
        "due_at": mornings.of(reader, paper.until, paper.begins, paper.not_before),
        "attempts": 0,
        "trace": traces.current(),
    }

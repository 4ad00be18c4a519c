"""The effect `send_document`: a document of which the facts are kept, and the message that carries it."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update
from sqlmodel import col

from kamflow.errors import StoreError
from kamflow.models.message import Document, MessageState
from kamflow.models.person import Person
from kamflow.nudge import Effect, canonical
from kamflow.store import calendars, quarter_summary
from kamflow.store.messages import MESSAGE, history
from kamflow.store.rows import stored
from kamflow.store.run import Run

NORMAL = 5


class _Kind(NamedTuple):
    """How a document's facts are found, and which template tells them."""

    template: str
    facts: Callable[[Run, Mapping[str, Any]], dict[str, Any]]


def _report(run: Run, asked: Mapping[str, Any]) -> dict[str, Any]:
    first, last = (date.fromisoformat(asked["quarter"][end]) for end in ("first", "last"))
    return quarter_summary.summary(run, first, last) | {"day": run.today.isoformat()}


KINDS = {"report": _Kind("quarterly_report", _report)}


def send_document(run: Run, effect: Effect) -> None:
    """Keep the facts of a document with their digest, and put its message into the outbox."""
    name, person = effect.facts["document"], effect.facts["person"]
    if name not in KINDS:
        raise StoreError(f"no document {name!r}: this is a bug of kamflow, please report")
    kind = KINDS[name]
    facts = kind.facts(run, effect.facts)
    document = Document(
        kind=name,
        account_id=effect.account,
        person_id=person,
        as_of=run.today,
        facts=facts,
        digest=hashlib.blake2b(canonical(facts).encode(), digest_size=16).hexdigest(),
    )
    run.session.add(document)
    run.session.flush()
    message = _message(run, effect, person, kind.template, facts | {"document": stored(document.id)})
    run.session.execute(
        update(Document).where(col(Document.id) == stored(document.id)).values(message_id=message)
    )


def _message(run: Run, effect: Effect, person: int, template: str, facts: Mapping[str, Any]) -> int:
    """A mail at the beginning of the reader's next working day: a document can wait for that."""
    row = {
        "key": f"effect:{effect.key}:{person}",
        "kind": "document",
        "channel": "email",
        "template": template,
        "person_id": person,
        "facts": dict(facts),
        "priority": NORMAL,
        "state": MessageState.WAITING,
        "created_at": run.now,
        "due_at": _morning(run, person),
        "attempts": 0,
    }
    number = run.session.execute(insert(MESSAGE).values(row).returning(MESSAGE.c.id)).scalar_one()
    history(run.session, [(number, run.now, MessageState.WAITING, None)])
    return number


def _morning(run: Run, person: int) -> datetime:
    days = calendars.of_people(run.session, [person], run.company)[person]
    at = run.policy.cadence.digest_at
    return datetime.combine(days.on_or_after(run.today), at, _zone(run, person))


def _zone(run: Run, person: int) -> ZoneInfo:
    try:
        return ZoneInfo(run.session.get_one(Person, person).zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(run.company.zone)

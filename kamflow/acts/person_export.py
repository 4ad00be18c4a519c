"""All that is stored about somebody (Art. 15 and 20 GDPR), as plain data.

Other people stand in it by number only. What was written about the person is quoted with a few words around:
it may name others, so somebody reads it before it is handed over.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.acts import erase
from kamflow.models.erasure import Erased
from kamflow.models.event import Event
from kamflow.store import events, personal_rows
from kamflow.store.mentions import mentioned
from kamflow.store.named_in_text import Hit
from kamflow.store.sent_about import Sent

_KINDS = {Erased.CONTACT: "contacts", Erased.PERSON: "persons"}


def export(session: Session, kind: Erased, number: int, now: datetime, actor: int | None) -> dict[str, Any]:
    """What is stored, and an event that it was handed out."""
    seen = erase.foresee(session, kind, number)
    rows = personal_rows.load(session, kind, number)
    events.record(session, f"{kind.value}.exported", now, actor=actor, **{kind.value: number})
    return {
        "kind": kind.value,
        "id": number,
        "made_at": now.isoformat(),
        "about": _plain(rows.about),
        "involved_in": _plain(rows.did),
        "texts": [_text(hit) for hit in seen.hits],
        "messages": [_message(each) for each in seen.sent],
        "events": _plain(_events(session, kind, number)),
    }


def _text(hit: Hit) -> dict[str, Any]:
    return {"where": hit.where, "account": hit.account, "certain": hit.sure, "passage": hit.excerpt}


def _message(each: Sent) -> dict[str, Any]:
    return _plain({name: value for name, value in asdict(each).items() if name != "provider_id"})


def _events(session: Session, kind: Erased, number: int) -> Iterable[dict[str, Any]]:
    """What happened with them: their own acts too, of our people."""
    row = Event
    query = select(col(row.name), col(row.at), col(row.actor_id), col(row.payload)).order_by(col(row.id))
    for name, at, actor, payload in session.execute(query, execution_options={"yield_per": 2000}):
        own = kind == Erased.PERSON and actor == number
        if own or (_KINDS[kind], number) in mentioned(payload):
            yield {"name": name, "at": at, "own": own}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return [_plain(each) for each in value] if isinstance(value, Iterable) and value != str(value) else value

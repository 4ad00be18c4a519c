"""Which messages that were sent held somebody's name: by what they, or the nudges in them, mention."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.erasure import Erased
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.store.mentions import mentioned
from kamflow.store.messages import REDIRECTED
from kamflow.store.named_in_text import Hit

STRETCH = 2_000
# Texts that messages look up by id; all others are printed in documents of their account.
_LOOKED_UP = {
    "briefing_note": "notes",
    "complaint": "complaints",
    "contact_target": "targets",
    "gap": "gaps",
    "goal": "goals",
    "measure": "measures",
    "meeting_round": "places",
    "open_question": "questions",
    "pause": "pauses",
    "place": "roles",
    "quarter_comment": "comments",
    "request": "requests",
    "service_given": "returns",
}
_KINDS = {Erased.CONTACT: "contacts", Erased.PERSON: "persons"}
Mentions = Mapping[str, Collection[int]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was sent and held the person. `to`: person or contact and number; `redirected`: to the
    one address everything goes to while trying out."""

    id: int
    channel: str
    kind: str
    template: str
    sent_at: datetime | None
    to: str
    mail_id: str | None
    provider_id: str | None
    redirected: bool


def find(session: Session, kind: Erased, number: int, hits: Iterable[Hit]) -> list[Sent]:
    """Every sent message that held the person, the oldest first; as long as messages are kept."""
    hits = list(hits)
    named = _named(kind, number, hits)
    printed = {hit.account for hit in hits if hit.table not in _LOOKED_UP and hit.account is not None}
    nudges = _nudges(session, kind, number, named)
    row = StoredMessage
    query = (
        select(row)
        .where(col(row.state).in_((MessageState.SENT, MessageState.AMBIGUOUS)))
        .order_by(col(row.id))
    )
    return [
        _sent(message)
        for message in session.execute(query, execution_options={"yield_per": STRETCH}).scalars()
        if _theirs(message, kind, number) or _holds(message, named, nudges, printed)
    ]


def _named(kind: Erased, number: int, hits: Iterable[Hit]) -> dict[str, set[int]]:
    """What a message mentions when it says the name: the person, or a text with the name in it."""
    named: dict[str, set[int]] = {_KINDS[kind]: {number}}
    for hit in hits:
        if hit.table in _LOOKED_UP:
            named.setdefault(_LOOKED_UP[hit.table], set()).add(int(hit.key[0]))
    return named


def _nudges(session: Session, kind: Erased, number: int, named: Mentions) -> set[int]:
    """The nudges that say the name, also as whose they are."""
    row = StoredNudge
    query = select(col(row.id), col(row.owner_id), col(row.assignee_id), col(row.facts))
    found: set[int] = set()
    for nudge, owner, assignee, facts in session.execute(query, execution_options={"yield_per": STRETCH}):
        own = kind == Erased.PERSON and number in (owner, assignee)
        if nudge is not None and (own or _mentions(facts, named)):
            found.add(nudge)
    return found


def _mentions(facts: Any, named: Mentions) -> bool:
    return any(number in named.get(kind, ()) for kind, number in mentioned(facts))


def _theirs(message: StoredMessage, kind: Erased, number: int) -> bool:
    return (message.contact_id if kind == Erased.CONTACT else message.person_id) == number


def _holds(message: StoredMessage, named: Mentions, nudges: set[int], printed: set[int]) -> bool:
    facts = message.facts
    if message.kind == "nudges":
        lines = (line for item in facts.get("items", ()) for line in item.get("nudges", ()))
        return any(line.get("id") in nudges for line in lines) or _mentions(facts, named)
    if message.kind == "document" and facts.get("account") in printed:
        return True
    return _mentions(facts, named)


def _sent(message: StoredMessage) -> Sent:
    to = f"person {message.person_id}" if message.person_id is not None else "operations"
    if message.contact_id is not None:
        to = f"contact {message.contact_id}"
    return Sent(
        message.id or 0,
        message.channel,
        message.kind,
        message.template,
        message.sent_at,
        to,
        message.mail_id,
        message.provider_id,
        message.cause == REDIRECTED,
    )

"""A reply to a message that asks for something: done, later, or until a day. It acts as its person.

Proof is the token in the address that was answered (made for that message and that person) together with
the person's own address in From. Whoever has only one of both can do nothing. Every reply that proves itself
is answered once, so that its writer knows what became of it.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts.acting import Acting
from kamflow.acts.fulfil import fulfil
from kamflow.acts.snooze import snooze
from kamflow.errors import InputError, NotAllowed
from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.policy import Policy
from kamflow.settings import Settings
from notifications import links, outbox
from notifications.envelope import REPLY
from notifications.feedback.words import Said, Undecided, said
from notifications.outbox import NewMessage


@dataclass(frozen=True, slots=True)
class Reply:
    """`key` tells it from every other; `sender` in lower case; `line` is the first that was written."""

    key: str
    token: str
    sender: str
    line: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Who replied, and what became of it: done, quiet, snoozed, already, or why nothing was done."""

    person: int
    result: str


def take(
    session: Session, reply: Reply, now: datetime, settings: Settings, policy: Policy
) -> Answered | None:
    """Do what a reply says, and answer it; None where it does not prove who wrote it."""
    message, person = _proven(session, reply, now, settings)
    if message is None or person is None:
        return None
    acting = Acting(session, person.id, now, settings.company)
    until = (message.sent_at or message.created_at) + timedelta(days=settings.web.link_days)
    facts = {"result": "expired"} if until <= now else _done(acting, reply.line, person, message, policy)
    facts |= {"day": acting.today.isoformat()}
    answer = NewMessage(f"reply:{reply.key}", "notice", "email", REPLY, facts, person.id)
    outbox.add(session, answer, now)
    return Answered(person.id or 0, facts["result"])


def _proven(
    session: Session, reply: Reply, now: datetime, settings: Settings
) -> tuple[StoredMessage | None, Person | None]:
    number, _, _ = reply.token.partition("-")
    if not (number.isdecimal() and number.isascii() and len(number) < 18):
        return None, None
    message = session.get(StoredMessage, int(number))
    person = session.get(Person, message.person_id) if message and message.person_id else None
    if message is None or person is None or not person.email:
        return None, None
    token = links.reply_token(links.secret(settings), int(number), person.id or 0, person.links_version)
    left = person.left_on is not None and person.left_on < now.date()
    same = reply.sender == person.email.strip().casefold()
    if left or not same or not hmac.compare_digest(token.encode(), reply.token.encode()):
        return None, None
    return message, person


def _about(message: StoredMessage) -> list[int]:
    """The nudges a message asks for, in its order; what it only told for information is left out."""
    if message.template == REPLY:
        return [each["nudge"] for each in message.facts.get("items", ())]
    items = message.facts.get("items", ())
    return [line["id"] for item in items for line in item["nudges"] if line["reason"] != "ladder"]


def _done(
    acting: Acting, line: str, person: Person, message: StoredMessage, policy: Policy
) -> dict[str, Any]:
    """What is said back: the result, and what it is about."""
    try:
        asked = said(line, person.language, acting.today)
    except Undecided:
        return {"result": "undecided"}
    if asked is None:
        return {"result": "unknown"}
    numbered = message.template == REPLY  # only there a reader has seen numbers
    rows = [acting.session.get(StoredNudge, each) for each in _about(message)]
    nudges = [each for each in rows if each is not None]
    at = (asked.number or 1) - 1
    clear = len(nudges) == 1 or (asked.number is not None and numbered)
    if not clear or not 0 <= at < len(nudges):
        return {"result": "which", "items": _listed(nudges)}
    nudge = nudges[at]
    told = {"nudge": nudge.id, "rule": nudge.rule, "account": nudge.account_id}
    return told | _act(acting, asked, nudge, policy)


def _listed(nudges: Sequence[StoredNudge]) -> list[dict[str, Any]]:
    return [
        {"nudge": each.id, "rule": each.rule, "account": each.account_id, "due_on": each.due_on.isoformat()}
        for each in nudges
        if each.closed_at is None
    ]


def _act(acting: Acting, asked: Said, nudge: StoredNudge, policy: Policy) -> dict[str, Any]:
    number, session, company = nudge.id or 0, acting.session, acting.company
    try:
        if asked.act == "done":
            result = fulfil(acting, number, policy)
            return {"result": result.state, "until": _iso(result.until)}
        until = _until(acting, asked)
        put_off = snooze(session, acting.actor, number, until, acting.now, policy, company)
    except NotAllowed:
        return {"result": "not_yours"}
    except InputError:
        return _refused(acting, asked, nudge, policy)
    return {"result": put_off.state, "until": put_off.until.isoformat()}


def _until(acting: Acting, asked: Said) -> date:
    if asked.until is not None:
        return asked.until
    own = days.calendar(acting.session, acting.actor or 0, acting.today, acting.company)
    return own.add(acting.today, asked.days)


def _refused(acting: Acting, asked: Said, nudge: StoredNudge, policy: Policy) -> dict[str, Any]:
    """Why it cannot be done, as far as the reader may know."""
    if asked.act == "done":
        return {"result": "no_done"}
    if nudge.closed_at is not None:
        return {"result": "over"}
    if _until(acting, asked) <= acting.today:
        return {"result": "past"}
    holder = nudge.assignee_id or nudge.owner_id
    around = days.calendar(acting.session, holder, nudge.due_on, acting.company)
    latest = around.add(nudge.due_on, policy.cadence.snooze_past_due)
    return {"result": "too_far" if latest > acting.today else "too_late", "until": latest.isoformat()}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

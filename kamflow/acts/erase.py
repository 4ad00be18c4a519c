"""Erase a contact or one of our people who left: names and addresses go, counts stay.

What will happen is looked at first and shown; then it happens in one transaction. Posts in Slack that held
the person are written anew through the outbox, so that Slack may be down meanwhile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.errors import ConfigError, InputError, NotAllowed
from kamflow.models.account import ExternalReference, Team
from kamflow.models.contact import Contact, Place
from kamflow.models.erasure import Erased
from kamflow.models.person import Person, Role
from kamflow.settings import Settings
from kamflow.store import (
    erasing,
    erasures,
    events,
    named_in_text,
    namesakes,
    personal_rows,
    sent_about,
    still_held,
    suppressed,
    teams,
)
from kamflow.store.erasing import Gone
from kamflow.store.name_spelling import Spellings, apart, spellings
from kamflow.store.named_in_text import Hit
from kamflow.store.new_messages import NewMessage, add
from kamflow.store.sent_about import Sent

# The kind of a message that writes a post of ours anew.
REDACTION = "redaction"
# Letters and digits of an id from which on it is surely theirs, and no amount or house number.
TELLING = 6


@dataclass(frozen=True)
class Foreseen:
    """What there is of somebody: rows by table, texts that name them, messages that held them."""

    kind: Erased
    number: int
    spelled: Spellings
    rows: Mapping[str, int]
    hits: tuple[Hit, ...]
    sent: tuple[Sent, ...]

    @property
    def mails(self) -> list[Sent]:
        """What cannot be taken back: it lies in somebody's mailbox."""
        return [each for each in self.sent if each.channel == "email"]

    @property
    def posts(self) -> list[Sent]:
        """Our own posts, which can be written anew."""
        return [each for each in self.sent if each.channel == "slack" and "/" in (each.provider_id or "")]


@dataclass(frozen=True)
class Done:
    """An erasure: its number, what went, how many texts were changed and posts are written anew."""

    erasure: int
    gone: Gone
    swapped: int
    left: tuple[Hit, ...]
    redactions: int


def may(session: Session, actor: int | None, act: str) -> None:
    """Let operations pass.

    Raises:
        NotAllowed: somebody else.
    """
    if actor is not None and Role.OPERATIONS not in teams.roles(session, actor):
        raise NotAllowed(f"only operations may {act}")


def secret(settings: Settings) -> str:
    """The installation's secret, by which an erased one is known again.

    Raises:
        ConfigError: there is none.
    """
    key = settings.secret_key.get_secret_value() if settings.secret_key else ""
    if not key:
        raise ConfigError(
            "no secret key: an import could bring an erased one back unnoticed; set KAMFLOW_SECRET_KEY or"
            " secrets/secret_key (`kamflow init` makes one)"
        )
    return key


def foresee(session: Session, kind: Erased, number: int) -> Foreseen:
    """Look at all there is of somebody; nothing is changed."""
    spelled = spelling(session, kind, number)
    accounts = _accounts(session, kind, number)
    alone = not namesakes.any_other(session, kind, number)
    hits = named_in_text.find(session, spelled, accounts, alone=alone)
    sent = sent_about.find(session, kind, number, hits)
    rows = personal_rows.counts(session, kind, number)
    return Foreseen(kind, number, spelled, rows, tuple(hits), tuple(sent))


def refuse(session: Session, kind: Erased, number: int, today: date) -> None:
    """Let pass who can be erased now.

    Raises:
        InputError: they are already.
        NotAllowed: one of our people who is still here, or looks after something; says what to do.
    """
    row = session.get_one(Contact if kind == Erased.CONTACT else Person, number)
    if row.erased_on is not None:
        raise InputError(f"{kind} {number} was erased on {row.erased_on}")
    if not isinstance(row, Person):
        return
    if row.left_on is None or row.left_on >= today:
        raise NotAllowed(
            f"{row.name} is still here: one of our people is erased once they have left (`left_on` in the"
            " import of people)"
        )
    held = still_held.by(session, number, today)
    if held:
        raise NotAllowed(f"{row.name} still looks after something:\n  " + "\n  ".join(held))


def erase(
    session: Session,
    seen: Foreseen,
    key: str,
    now: datetime,
    today: date,
    *,
    actor: int | None = None,
    replace: bool = False,
) -> Done:
    """Take away what says who it is; with `replace` also from texts that surely mean them."""
    kind, number = seen.kind, seen.number
    known = suppressed.digests(kind, suppressed.identity(session, kind, number), key)
    swapped = 0
    if replace:
        swapped = named_in_text.swap(session, seen.hits, seen.spelled, erasing.MARKED[kind])
    take = erasing.contact if kind == Erased.CONTACT else erasing.person
    gone = take(session, number, today, now)
    erasure = erasures.note(session, kind, number, today, now, actor, known)
    redactions = sum(_redaction(session, erasure, post, now) for post in seen.posts)
    counts = {"mails": len(seen.mails), "posts": redactions, "texts": swapped}
    what = {kind.value: number, "erasure": erasure, **counts}
    events.record(session, f"{kind.value}.erased", now, actor=actor, **what)
    left = tuple(hit for hit in seen.hits if not (replace and hit.sure))
    return Done(erasure, gone, swapped, left, redactions)


def readmit(session: Session, erasure: int, now: datetime, actor: int | None) -> frozenset[str]:
    """Let imports bring an erased one back, who came again by their own wish; return the hashes.

    Raises:
        InputError: no such erasure.
    """
    found = [each.digests for each in erasures.all_of(session) if each.number == erasure and each.digests]
    if not found:
        raise InputError(f"erasure {erasure} keeps nobody out: `kamflow person erased` lists them")
    suppressed.lift(session, erasure)
    events.record(session, "person.readmitted", now, actor=actor, erasure=erasure)
    return found[0]


def spelling(session: Session, kind: Erased, number: int) -> Spellings:
    """How somebody's name and addresses may be written."""
    reference = ExternalReference
    query = select(col(reference.external_id)).where(
        col(reference.kind) == kind.value, col(reference.row_id) == number
    )
    ids = [each for each in session.execute(query).scalars() if len(each) >= TELLING]
    if kind == Erased.PERSON:
        person = session.get_one(Person, number)
        first, last = apart(person.name)
        return spellings(first, last, [person.email, person.slack_id, *_telling(person.key, last), *ids])
    contact = session.get_one(Contact, number)
    exact = [contact.email, contact.phone, *_telling(contact.key, contact.last_name), *ids]
    return spellings(contact.first_name, contact.last_name, exact)


def _telling(key: str, last: str) -> list[str]:
    """The key, where it says who it is."""
    return [key] if "@" in key or ("/" in key and last.casefold() in key.casefold()) else []


def _accounts(session: Session, kind: Erased, number: int) -> set[int]:
    """The accounts at which the last name by itself surely means them."""
    at = select(col(Place.account_id)).where(col(Place.contact_id) == number)
    if kind == Erased.PERSON:
        at = select(col(Team.account_id)).where(col(Team.person_id) == number)
    return set(session.execute(at).scalars())


def _redaction(session: Session, erasure: int, post: Sent, now: datetime) -> bool:
    message = NewMessage(
        key=f"{REDACTION}:{erasure}:{post.id}",
        kind=REDACTION,
        channel="slack",
        template="redacted",
        facts={"message": post.id},
    )
    return add(session, message, now) is not None

"""Put together what the play left behind.

Bodies are taken from the mail server and the Slack workspace, for kamflow itself does not keep them.
"""

from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.demo.company.staff import BY_KEY, STAFF
from kamflow.demo.diary import Act, Diary
from kamflow.demo.show import Deed, Line, Reader, Received, Show
from kamflow.demo.stage import Stage
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.message import MessageState, StoredMessage
from kamflow.models.nudge import StepDone, StoredNudge
from kamflow.models.person import Person
from kamflow.store import names
from kamflow.store.engine import read
from kamflow.store.names import Names
from kamflow.store.rows import stored

Fates = Mapping[int, tuple[str, date | None]]


def gather(stage: Stage, diary: Diary) -> Show:
    """Put together what arrived, from the database and from both servers."""
    with read(stage.home.engine) as session:
        nudges = {stored(row.id): row for row in session.execute(select(StoredNudge)).scalars()}
        messages = list(_sent(session))
        known = _names(session, nudges.values(), messages, diary.acts)
        words = set(session.execute(select(col(StepDone.identity))).scalars())
        readers = _readers(session, {row.contact_id for row in messages if row.contact_id})
    fates = {number: _fate(row, words, stage.clock.today) for number, row in nudges.items()}
    mails, posts = _mails(stage), {post.message_id: post for post in stage.slack.posts}
    for row in messages:
        who, body = _Who(row.person_id, row.contact_id), _body(row, mails, posts)
        if who in readers and body is not None:
            lines = tuple(_lines(row, nudges, fates, known))
            readers[who].reader.received.append(_received(row, readers[who].zone, lines, body, known))
    for act in diary.acts:
        who = _Who(act.person, None if act.person else act.contacts[0])
        if who in readers:
            readers[who].reader.deeds.append(_deed(act, known, readers[who].zone))
    everybody = {found.reader.key: found.reader for found in readers.values()}
    return Show(stage.home.settings.company.name, tuple(_in_order(everybody.values())), diary)


class _Who(NamedTuple):
    """One of ours, or a contact; neither is the mailbox of operations."""

    person: int | None
    contact: int | None = None


class _Found(NamedTuple):
    reader: Reader
    zone: ZoneInfo


def _readers(session: Session, contacts: Collection[int]) -> dict[_Who, _Found]:
    """All of our people, and those contacts who were written to."""
    found = {
        _Who(person.id): _Found(_reader(person), ZoneInfo(person.zone))
        for person in session.execute(select(Person)).scalars()
    }
    found[_Who(None)] = next(each for each in found.values() if each.reader.role == "operations")
    rows = session.execute(
        select(Contact, col(Place.position), Account)
        .join(Place, col(Place.contact_id) == col(Contact.id))
        .join(Account, col(Account.id) == col(Place.account_id))
        .where(col(Contact.id).in_(contacts))
        .order_by(col(Account.key), col(Contact.key))
    )
    for contact, position, account in rows:
        zone = ZoneInfo(contact.zone or account.zone or "Europe/Berlin")
        found[_Who(None, contact.id)] = _Found(_at_customer(contact, position, account), zone)
    return found


def _at_customer(contact: Contact, position: str | None, account: Account) -> Reader:
    return Reader(
        key=contact.key,
        name=contact.name,
        position=", ".join(filter(None, (position, account.name))),
        role="contact",
        channel="email",
        digest="survey",
        language=contact.language or "de",
    )


def _sent(session: Session) -> Iterable[StoredMessage]:
    query = select(StoredMessage).where(col(StoredMessage.state) == MessageState.SENT)
    return session.execute(query.order_by(col(StoredMessage.sent_at), col(StoredMessage.id))).scalars()


def _names(
    session: Session, nudges: Iterable[StoredNudge], messages: Iterable[StoredMessage], acts: Sequence[Act]
) -> Names:
    copied = {row.facts["for_person"] for row in messages if row.facts.get("for_person")}
    return names.load(
        session,
        accounts={row.account_id for row in nudges if row.account_id}
        | {act.account for act in acts if act.account},
        contacts={contact for act in acts for contact in act.contacts},
        persons={act.other for act in acts if act.other} | copied,
        measures={act.measure for act in acts if act.measure},
    )


def _fate(nudge: StoredNudge, words: set[str], today: date) -> tuple[str, date | None]:
    """What became of a nudge, and when."""
    if nudge.closed_on is not None:
        by_word = nudge.identity in words
        ended = "paused" if nudge.closed_as == "paused" else "lapsed"
        done = "word" if by_word else "closed"
        return done if by_word or nudge.closed_as == "done" else ended, nudge.closed_on
    if nudge.snoozed_until is not None and nudge.snoozed_until > today:
        return "snoozed", nudge.snoozed_until
    return ("handed over" if nudge.assignee_id else "open"), None


def _lines(
    row: StoredMessage,
    nudges: Mapping[int, StoredNudge],
    fates: Fates,
    known: Names,
) -> Iterator[Line]:
    for item in row.facts.get("items", ()):
        for fact in item["nudges"]:
            nudge = nudges[fact["id"]]
            account = known.accounts.get(nudge.account_id or 0)
            if not fact.get("along"):
                fate, on = fates[fact["id"]]
                name = account.name if account else ""
                yield Line(name, nudge.step, fact["reason"], fate, on, nudge.stage, nudge.rule)


def _mails(stage: Stage) -> dict[str, EmailMessage]:
    """Message-ID -> mail."""
    found = {}
    for caught in stage.catcher.messages:
        mail = message_from_bytes(caught.raw, policy=default)
        assert isinstance(mail, EmailMessage)  # noqa: S101 - what this policy makes
        found[caught.message_id] = mail
    return found


def _body(
    row: StoredMessage, mails: Mapping[str, EmailMessage], posts: Mapping[str | None, Any]
) -> dict[str, Any] | None:
    if row.mail_id in posts:
        post = posts[row.mail_id]
        return {
            "subject": post.text.split("\n")[0],
            "text": post.text,
            "blocks": tuple(post.blocks),
            "ts": post.ts,
        }
    mail = mails.get(row.mail_id or "")
    if mail is None:
        return None
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    return {
        "subject": str(mail["subject"]),
        "html": _with_pictures(mail, html.get_content()) if html else "",
        "text": text.get_content() if text else "",
        "files": tuple(name for part in mail.walk() if (name := part.get_filename())),
    }


def _with_pictures(mail: EmailMessage, html: str) -> str:
    """The HTML with the pictures that the mail carries in it: a page has no parts to look into."""
    for part in mail.walk():
        name, content = str(part.get("Content-ID", "")).strip("<>"), part.get_payload(decode=True)
        if name and isinstance(content, bytes):
            shown = f"data:{part.get_content_type()};base64,{b64encode(content).decode()}"
            html = html.replace(f'"cid:{name}"', f'"{shown}"')
    return html


def _received(
    row: StoredMessage, zone: ZoneInfo, lines: tuple[Line, ...], body: dict[str, Any], known: Names
) -> Received:
    sent = row.sent_at or row.created_at
    return Received(
        number=stored(row.id),
        at=sent.astimezone(zone),
        channel="slack" if "blocks" in body else "email",
        occasion=row.facts.get("occasion", ""),
        lines=lines,
        more=row.facts.get("more", 0),
        kind=row.kind,
        copy=known.persons.get(row.facts.get("for_person", 0), ""),
        **body,
    )


def _deed(act: Act, known: Names, zone: ZoneInfo) -> Deed:
    account = known.accounts.get(act.account or 0)
    return Deed(
        at=act.at.astimezone(zone),
        what=act.what,
        account=account.name if account else "",
        contacts=tuple(known.contacts[number].name for number in act.contacts),
        day=act.day,
        until=act.until,
        section=act.section,
        other=known.persons.get(act.other or 0, ""),
        step=act.step,
        score=act.score,
        about=known.measures.get(act.measure or 0, "") or act.kind,
    )


def _reader(person: Person) -> Reader:
    return Reader(
        key=person.key,
        name=person.name,
        position=person.position or "",
        role=BY_KEY[person.key].roles,
        channel=person.channel,
        digest=person.digest,
        language=person.language,
    )


def _in_order(readers: Iterable[Reader]) -> list[Reader]:
    order = {member.key: number for number, member in enumerate(STAFF)}
    return sorted(readers, key=lambda reader: order.get(reader.key, len(order)))

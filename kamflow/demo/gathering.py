"""Put together what the play left behind.

Bodies are taken from the mail server and the Slack workspace, for kamflow itself does not keep them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.demo.company.staff import BY_KEY, STAFF
from kamflow.demo.diary import Act, Diary
from kamflow.demo.show import Deed, Line, Reader, Received, Show
from kamflow.demo.stage import Stage
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
        known = _names(session, nudges.values(), diary.acts)
        words = set(session.execute(select(col(StepDone.identity))).scalars())
        persons = {row.id: row for row in session.execute(select(Person)).scalars()}
        messages = list(_sent(session))
    fates = {number: _fate(row, words, stage.clock.today) for number, row in nudges.items()}
    readers = {number: _reader(person) for number, person in persons.items()}
    mails, posts = _mails(stage), {post.message_id: post for post in stage.slack.posts}
    for row in messages:
        if row.person_id is None:
            continue
        zone = ZoneInfo(persons[row.person_id].zone)
        lines = tuple(_lines(row, nudges, fates, known))
        body = _body(row, mails, posts)
        if body is not None:
            readers[row.person_id].received.append(_received(row, zone, lines, body))
    for act in diary.acts:
        zone = ZoneInfo(persons[act.person].zone)
        readers[act.person].deeds.append(_deed(act, known, zone))
    return Show(stage.home.settings.company.name, tuple(_in_order(readers.values())), diary)


def _sent(session: Session) -> Iterable[StoredMessage]:
    query = select(StoredMessage).where(col(StoredMessage.state) == MessageState.SENT)
    return session.execute(query.order_by(col(StoredMessage.sent_at), col(StoredMessage.id))).scalars()


def _names(session: Session, nudges: Iterable[StoredNudge], acts: Iterable[Act]) -> Names:
    acts = list(acts)
    return names.load(
        session,
        accounts={row.account_id for row in nudges if row.account_id}
        | {act.account for act in acts if act.account},
        contacts={contact for act in acts for contact in act.contacts},
        persons={act.other for act in acts if act.other},
    )


def _fate(nudge: StoredNudge, words: set[str], today: date) -> tuple[str, date | None]:
    """What became of a nudge, and when."""
    if nudge.closed_on is not None:
        by_word = nudge.identity in words
        state = "word" if by_word else "closed" if nudge.closed_as == "done" else "lapsed"
        return state, nudge.closed_on
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
                yield Line(account.name if account else "", nudge.step, fact["reason"], fate, on, nudge.stage)


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
        return {"subject": post.text.split("\n")[0], "text": post.text, "blocks": tuple(post.blocks)}
    mail = mails.get(row.mail_id or "")
    if mail is None:
        return None
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    return {
        "subject": str(mail["subject"]),
        "html": html.get_content() if html else "",
        "text": text.get_content() if text else "",
    }


def _received(row: StoredMessage, zone: ZoneInfo, lines: tuple[Line, ...], body: dict[str, Any]) -> Received:
    sent = row.sent_at or row.created_at
    return Received(
        number=stored(row.id),
        at=sent.astimezone(zone),
        channel="slack" if "blocks" in body else "email",
        occasion=row.facts.get("occasion", ""),
        lines=lines,
        more=row.facts.get("more", 0),
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

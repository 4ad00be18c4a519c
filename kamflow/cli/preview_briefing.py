"""`kamflow preview briefing --account KEY`: the briefing of the next meeting, as it would be sent today."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.acts import briefing as briefings
from kamflow.acts import rights
from kamflow.cli.home import Desk
from kamflow.models.account import Account
from kamflow.store import asked, contacts
from kamflow.store.rounds import Talk
from notifications import enclosed, papers, views
from notifications.outbox import Claimed
from notifications.render import gallery, letter, speech
from notifications.render.house import House


def parts(desk: Desk, account: int, language: str | None) -> tuple[str, dict[str, bytes]]:
    """Its subject, and its files by suffix, for who acts.

    Raises:
        NotFound: no meeting is booked.
        NotAllowed: who acts is not of the account's team, or nobody is named.
    """
    message = _message(desk, account)
    known = views.load(desk.session, [message], desk.settings, desk.now)
    reader = known.recipients[message.person or 0]
    if language:
        reader = replace(reader, language=speech.addressed(language, desk.company.colleagues))
    settings, zone = desk.settings, views.zone(reader, desk.settings)
    around = papers.around(message, known.papers, zone.key, council=settings.works_council)
    facts = {**message.facts, **around}
    page = enclosed.page(message, facts, reader.language, settings, known.names)
    said = {**facts, **enclosed.beside(message, page)}
    day = desk.now.astimezone(ZoneInfo(desk.company.zone)).date()
    made = letter.notice(message.template, reader.language, said, desk.company.name, day, names=known.names)
    files = dict(gallery.shown(made, House.of(settings)).files())
    return made.subject, files | ({".pdf": page.content} if page else {})


def _message(desk: Desk, account: int) -> Claimed:
    row = desk.session.get_one(Account, account)
    rights.for_account(desk.session, desk.actor, row, "read its briefing", desk.today)
    reader, talk = desk.actor or 0, briefings.coming(desk.to_act(), account)
    return as_if_claimed("document", papers.BRIEFING, _facts(desk, talk, reader), reader, desk.now)


def as_if_claimed(
    kind: str, template: str, facts: Mapping[str, Any], person: int, until: datetime
) -> Claimed:
    """A message that is in no outbox, to be rendered as if it were."""
    return Claimed(
        id=0,
        key="preview",
        kind=kind,
        channel="email",
        template=template,
        facts=facts,
        person=person,
        contact=None,
        priority=5,
        attempt=0,
        mail_id=None,
        instead_of=None,
        until=until,
        unsure=False,
    )


def _facts(desk: Desk, talk: Talk, reader: int) -> dict[str, Any]:
    """As the effects `draft` and `briefing` have it: a draft is for the KAM, until it is released."""
    row, account = talk.round, talk.meeting.account_id
    released = row.released_on is not None and row.released_revision == row.revision
    return briefings.facts(desk.to_act(), talk, desk.policy) | {
        "paper": "draft" if not released and reader == _kam(desk, account) else "briefing",
        "person": reader,
        "round": talk.id,
        "revision": row.revision,
        "reviewed": released,
        "released_on": row.released_on.isoformat() if released and row.released_on else None,
        "again": False,
    }


def _kam(desk: Desk, account: int) -> int | None:
    kams = asked.upwards(
        desk.session, [account], lambda places: contacts.accounts_kams(desk.session, places, desk.today)
    )
    return kams.get(account)

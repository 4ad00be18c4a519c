"""A document that somebody was sent, as it would be sent to them now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.acts.briefing import coming
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.message import StoredMessage
from kamflow.rules.annual_meeting import RULE
from kamflow.store import briefing_facts, briefing_rows
from kamflow.store.names import Names
from kamflow.web.by_link import Holder
from kamflow.web.site import Site
from notifications import papers, reported, views
from notifications.outbox import Claimed
from notifications.render import letter as letters
from notifications.render.item import Letter

BRIEFING = papers.BRIEFING


@dataclass(frozen=True)
class Paper:
    """`lines` are all that can be struck, empty where the reader has nothing to release; `struck` those
    that are left out, `points` the notes by kind."""

    message: Claimed
    facts: Mapping[str, Any]
    letter: Letter
    names: Names
    account: int
    lines: tuple[str, ...] = ()
    struck: frozenset[str] = frozenset()

    @property
    def is_briefing(self) -> bool:
        return self.message.template == BRIEFING


def read(session: Session, site: Site, holder: Holder) -> Paper:
    """The paper of a message, for who it went to.

    Raises:
        NotFound: no such message of theirs, or it carries no document.
    """
    row = session.get(StoredMessage, holder.about)
    if row is None or row.kind != "document" or row.person_id != holder.person:
        raise NotFound(f"no document in message {holder.about}")
    settings = site.settings
    batch = papers.looked_through(session, [_claimed(row, holder)])
    (message,) = reported.renewed(
        session, batch, settings.company, site.policy, council=settings.works_council
    )
    known = views.load(session, [message], settings, holder.now)
    zone = views.zone(holder.reader, settings).key
    around = papers.around(message, known.papers, zone, council=settings.works_council)
    facts = {**views.notice_facts(message, known), **around}
    is_draft = row.template == BRIEFING and facts.get("paper") == "draft"
    open_to = is_draft and (holder.trying or _releases(session, site, holder, facts))
    # Forms stand below where there is something to release; the draft of a past meeting only shows it.
    facts["on_page"] = "open" if open_to else "over"
    letter = letters.notice(
        row.template, holder.language, facts, settings.company.name, holder.today, names=known.names
    )
    made = Paper(message, facts, letter, known.names, facts.get("account", 0))
    return _with_lines(session, holder, made) if open_to and not holder.trying else made


def _releases(session: Session, site: Site, holder: Holder, facts: Mapping[str, Any]) -> bool:
    """Whether the reader may release it: the draft of the next meeting, on the day it names."""
    desk = Acting(session, holder.person, holder.now, site.settings.company)
    account = session.get_one(Account, facts["account"])
    try:
        rights.for_kam(session, holder.person, account, RULE, "release it", holder.today)
        talk = coming(desk, facts["account"])
    except InputError:
        return False
    return (talk.id, talk.round.revision) == (facts["round"], facts["revision"])


def _with_lines(session: Session, holder: Holder, made: Paper) -> Paper:
    """With what can be struck, and what was."""
    talk = made.facts["round"]
    notes = briefing_rows.notes(session, [talk], holder.today).get(talk, [])
    struck = frozenset(each.line for each in notes if each.kind == "strike" and each.line)
    lines = tuple(briefing_facts.lines(briefing_facts.whole(made.facts)))
    return replace(made, lines=lines, struck=struck)


def _claimed(row: StoredMessage, holder: Holder) -> Claimed:
    return Claimed(
        id=row.id or 0, key=row.key, kind=row.kind, channel="email", template=row.template, facts=row.facts,
        person=row.person_id, contact=None, priority=row.priority, attempt=0, mail_id=row.mail_id,
        instead_of=row.instead_of_id, until=holder.now, unsure=False,
    )  # fmt: skip

"""The briefing of a customer's next meeting as an answer in Slack, to whoever may look into the account."""

from typing import Any

from sqlmodel import Session

from kamflow.acts import briefing as briefings
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.store import lookup
from kamflow.store.rounds import Talk
from kamflow.web.site import Site
from kamflow.web.slack import opening
from kamflow.web.slack.deeds import Not, log
from kamflow.web.slack.member import Member
from kamflow.web.slack.own_list import as_message
from notifications import papers, views
from notifications.render import letter, slack


def of(site: Site, me: Member, account: str) -> dict[str, Any]:
    """The answer to `/kam briefing Muster`."""
    with site.reading() as session:
        desk = Acting(session, me.person, me.now, site.settings.company)
        number = _account(session, me, account)
        try:
            talk = briefings.coming(desk, number)
        except NotFound:
            raise Not(me.words.answer("no_meeting")) from None
        facts = _facts(desk, talk, site)
        message = as_message("document", papers.BRIEFING, facts, me)
        known = views.load(session, [message], site.settings, me.now)
    around = papers.around(message, known.papers, me.zone, council=site.settings.works_council)
    said = {**facts, **around}
    made = letter.notice(
        papers.BRIEFING, me.language, said, site.settings.company.name, me.today, names=known.names
    )
    post = slack.laid_out(made)
    return {"text": post.text, "blocks": list(post.blocks)}


def _account(session: Session, me: Member, text: str) -> int:
    """A customer by name or key; one that somebody may not look into is as if it were not there."""
    try:
        number = lookup.account(session, text).id or 0
    except InputError:
        raise Not(me.words.answer("no_account")) from None
    among = opening.visible(session, me)
    if among is not None and number not in among:
        log.warning("slack.not_allowed", person=me.person, act="briefing", account=number)
        raise Not(me.words.answer("no_account"))
    return number


def _facts(desk: Acting, talk: Talk, site: Site) -> dict[str, Any]:
    row = talk.round
    released = row.released_on is not None and row.released_revision == row.revision
    return briefings.facts(desk, talk, site.policy) | {
        "paper": "briefing",
        "person": desk.actor,
        "round": talk.id,
        "revision": row.revision,
        "reviewed": released,
        "released_on": row.released_on.isoformat() if released and row.released_on else None,
        "again": False,
    }

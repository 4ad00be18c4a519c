"""What a click opens: a modal, made from what is known of the nudge. Reads only."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from sqlmodel import Session

from kamflow.errors import NotAllowed, NotFound
from kamflow.models.account import Account
from kamflow.models.nudge import StoredNudge
from kamflow.store import pickers, slack_people
from kamflow.web import access
from kamflow.web.site import Site
from kamflow.web.slack import deeds, views
from kamflow.web.slack.deeds import Not, Said, log
from kamflow.web.slack.member import Member
from kamflow.web.slack.views import Place
from kamflow.web.visitor import Visitor

View = dict[str, Any]


def opened(site: Site, me: Member, place: Place) -> View | Said:
    """The modal for an act on a nudge, or why there is none."""
    try:
        with site.reading() as session:
            return _OPENS[place.act](site, session, me, place)
    except Not as no:
        return Said(no.line, no.words)
    except NotAllowed:
        log.warning("slack.not_allowed", person=me.person, act=place.act)
        return Said(whisper=me.words.answer("not_yours"))
    except NotFound:
        return Said(whisper=me.words.answer("gone"))


def only_contact(site: Site, nudge: int) -> int | None:
    """The one contact a nudge is about; None where there are several, or it is nobody's business here."""
    with site.reading() as session:
        row = session.get(StoredNudge, nudge)
        found = _cells(row, "contact") if row is not None else []
    return found[0] if len(found) == 1 else None


def to_log(site: Site, me: Member, place: Place, account: int | None) -> View:
    """The modal that logs a contact with whomever: customers one may look into, then the people there."""
    with site.reading() as session:
        among = visible(session, me)
        accounts = pickers.accounts(session, among, me.today)
        if account is None and len(accounts) == 1:
            account = accounts[0][0]
        if account is not None and among is not None and account not in among:
            account = None
        people = pickers.contacts(session, account, me.today) if account is not None else []
        known = session.get(Account, account) if account is not None else None
        if known is not None and all(known.id != number for number, _ in accounts):
            accounts = [(known.id or 0, known.name), *accounts]
    return views.choose_account(me, replace(place, account=account), accounts, account, people)


def suggested(site: Site, me: Member, text: str) -> list[dict[str, Any]]:
    """Customers whose name holds what was typed."""
    with site.reading() as session:
        return views.options(pickers.accounts(session, visible(session, me), me.today, text))


def visible(session: Session, me: Member) -> set[int] | None:
    """The accounts somebody may look into; None means all."""
    visitor = Visitor(me.person, me.name, me.language, slack_people.roles(session, me.person), 0)
    return access.accounts(session, visitor, me.today)


def _contact(_site: Site, session: Session, me: Member, place: Place) -> View:
    row = deeds.shown(session, me, place.nudge or 0, "log its contacts")
    account = session.get(Account, row.account_id or 0)
    cells = _cells(row, "contact")
    if cells:
        people = pickers.named(session, cells)
    else:
        people = pickers.contacts(session, row.account_id or 0, me.today)
    if not people:
        raise Not(me.words.label("nobody_there"))
    day: date | None = me.today if place.act == "contact" else None
    name = account.name if account else ""
    return views.contact(me, place, name, people, chosen=bool(cells), day=day)


def _snooze(_site: Site, session: Session, me: Member, place: Place) -> View:
    deeds.shown(session, me, place.nudge or 0, "snooze it")
    return views.snooze(me, place)


def _hand_over(_site: Site, session: Session, me: Member, place: Place) -> View:
    row = deeds.shown(session, me, place.nudge or 0, "hand it over")
    others = slack_people.colleagues(session, row.assignee_id or row.owner_id, me.today)
    if not others:
        raise Not(me.words.answer("no_person"))
    return views.hand_over(me, place, list(others.items()))


def _too_much(_site: Site, session: Session, me: Member, place: Place) -> View:
    row = deeds.shown(session, me, place.nudge or 0, "change its targets")
    planned = pickers.planned(session, _cells(row, "target"))
    if not planned:
        raise Not(me.words.answer("gone"))
    return views.too_much(me, place, planned)


_OPENS: dict[str, Callable[[Site, Session, Member, Place], View]] = {
    "contact": _contact,
    "book": _contact,
    "snooze": _snooze,
    "hand_over": _hand_over,
    "too_much": _too_much,
}


def _cells(row: StoredNudge, name: str) -> list[int]:
    return list(dict.fromkeys(cell[name] for cell in row.facts.get("cells", ())))

"""What is open for whoever is signed in, as the mails say it, with the same buttons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.errors import NotAllowed
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.store import my_list, names, plan_list
from kamflow.store.my_list import Open
from kamflow.web import access
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor, signed_in
from notifications import links, views, ways
from notifications.links import Signed
from notifications.outbox import NORMAL, Claimed
from notifications.render import letter as letters
from notifications.render.item import Item, Labels

State = Literal["due", "coming", "given", "put_off"]
DOINGS = ("contact", "book", "too-much", "done", "snooze", "hand-over", "read", "strike")

_AN_HOUR = timedelta(hours=1)
router = APIRouter()


@dataclass(frozen=True)
class Entry:
    """One open nudge on the page. `until`: silent before that day; `given_to`: who has it now."""

    nudge: int
    item: Item
    state: State
    until: date | None = None
    given_to: str | None = None


@router.get("/")
@router.head("/")
def first(site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """The first page: one's list; for who only operates kamflow how it runs."""
    return RedirectResponse("/operations", 303) if access.operations(visitor) else own_list(site, visitor)


@router.get("/list")
@router.head("/list")
def own_list(site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)) -> Response:
    """My list: what is due, what is coming, what was handed over or put off."""
    with site.reading() as session:
        today = days.local(session, visitor.person, site.now(), site.settings.company)
        found = my_list.of(session, visitor.person)
        entries, labels = _entries(session, site, visitor, found, today)
        waiting = 0 if access.operations(visitor) else plan_list.waiting_for(session, visitor.person, today)
        version = session.get_one(Person, visitor.person).links_version
    return page(
        site,
        "my_list/page.html.j2",
        visitor.language,
        day=today,
        visitor=visitor,
        here="/list" if access.operations(visitor) else "/",
        entries=entries,
        labels=labels,
        waiting=waiting,
        feed=ways.feed_link(site.settings, visitor.person, version, site.now()),
    )


@router.get("/n/{nudge}")
@router.head("/n/{nudge}")
def go(
    nudge: int, do: str = "", site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)
) -> Response:
    """To the page of one of the visitor's nudges: the one that its link in a mail opens."""
    with site.reading() as session:
        row = session.get(StoredNudge, nudge)
        if row is None:
            raise NotAllowed(f"nudge {nudge} is not yours")
        today = days.local(session, visitor.person, site.now(), site.settings.company)
        rights.for_nudge(session, visitor.person, row, "see it", today)
        version = session.get_one(Person, visitor.person).links_version
    said = Signed(visitor.person, nudge, site.now() + _AN_HOUR, version)
    address = f"/{ways.NUDGE}/{links.signed(links.secret(site.settings), 'nudge', said)}"
    return RedirectResponse(f"{address}?do={do}" if do in DOINGS else address, 303)


def _entries(
    session: Session, site: Site, visitor: Visitor, found: Sequence[Open], today: date
) -> tuple[list[Entry], Labels | None]:
    if not found:
        return [], None
    message = _message(visitor, found, site, today)
    known = views.load(session, [message], site.settings, site.now())
    # Also what is silent or was handed over stands on the list.
    contents = {
        number: replace(each, silent_until=None, responsible=visitor.person)
        for number, each in known.contents.items()
    }
    known = replace(known, contents=contents)
    view = views.nudges_view(message, known.recipients[visitor.person], known, site.settings, site.now())
    if view is None:
        return [], None
    told = [nudge.id for item in view.items for nudge in item.nudges]
    own = {number: f"/n/{number}" for number in told}
    letter = letters.letter(replace(view, ways=replace(view.ways, nudges=own, own_list=None)))
    given = names.load(session, persons=(each.given_to for each in found if each.given_to)).persons
    items = dict(zip(told, letter.items, strict=True))
    return list(_sorted(found, items, given, today)), letter.labels


def _sorted(
    found: Sequence[Open], items: Mapping[int, Item], given: Mapping[int, str], today: date
) -> Iterator[Entry]:
    for each in found:
        if each.id not in items:
            continue
        silent = each.silent_until is not None and each.silent_until > today
        state: State = "due" if each.due_on <= today or each.urgency == "now" else "coming"
        if each.given_to is not None:
            yield Entry(each.id, items[each.id], "given", given_to=given.get(each.given_to))
        elif silent:
            yield Entry(each.id, items[each.id], "put_off", each.silent_until)
        else:
            yield Entry(each.id, items[each.id], state)


def _message(visitor: Visitor, found: Sequence[Open], site: Site, today: date) -> Claimed:
    """The digest that would tell all of it, each nudge by itself; it is written nowhere."""
    lines = [{"nudges": [{"id": each.id, "reason": "due"}]} for each in found]
    facts = {"day": today.isoformat(), "occasion": "daily", "more": 0, "items": lines}
    return Claimed(
        id=0,
        key="",
        kind="nudges",
        channel="email",
        template="digest",
        facts=facts,
        person=visitor.person,
        contact=None,
        priority=NORMAL,
        attempt=0,
        mail_id=None,
        instead_of=None,
        until=site.now(),
        unsure=False,
    )

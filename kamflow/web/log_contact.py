"""Log a contact in three fields: whom, when, how. Who was there is known: the one who tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import log as acts
from kamflow.acts.log import KINDS, Entry
from kamflow.errors import NotAllowed, NotFound
from kamflow.models.person import Role
from kamflow.store import in_sight, log_choices
from kamflow.web import access
from kamflow.web.pages import page
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor, signed_in

VIA = "page"
TOGETHER = 80  # contacts that fit one list; above it the customer is chosen first
MOST = 2000
PATH = "/log"

_ASSISTS = frozenset({Role.ASSISTANT})
_FAR = timedelta(days=2 * 366)  # what lies further away was mistyped
router = APIRouter()


@dataclass(frozen=True)
class Told:
    """What somebody entered, as it came; shown again where it does not fit."""

    contacts: Sequence[int] = ()
    persons: Sequence[int] = ()
    day: str = ""
    kind: str = "visit"


class Entered(BaseModel):
    """The form as it is sent; `at` is account and contact in one field."""

    account: int = 0
    at: str = ""
    contact: list[int] = []
    person: list[int] = []
    day: str = ""
    kind: str = "visit"

    def read(self) -> tuple[int, Told]:
        """The account, and what is told of it."""
        account, _, contact = self.at.partition("-")
        if contact and len(self.at) < 40 and f"{account}{contact}".isdecimal():
            return int(account), Told([int(contact)], self.person, self.day, self.kind)
        return self.account, Told(self.contact, self.person, self.day, self.kind)


@router.get(PATH)
@router.head(PATH)
def choose(
    account: int | None = None, site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)
) -> Response:
    """All contacts in one list where they are few; else the customer first, then its contacts."""
    return _form(site, visitor, account) if account is not None else _start(site, visitor)


@router.post(PATH)
def log(
    form: Annotated[Entered, Form()],
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(signed_in),
) -> Response:
    """Write the contact down; the page after it says what counts."""
    account, told = form.read()
    with site.acting(visitor.person, VIA) as acting:
        _open(acting.session, visitor, account, site.today)
        entry = _entry(acting.session, visitor, account, told, acting.today)
        if entry is not None:
            acts.log(acting.session, acting.actor, entry, acting.now, acting.company)
    if entry is None:
        return _start(site, visitor, told) if form.at else _form(site, visitor, account, told)
    return RedirectResponse(f"{PATH}/{account}/{told.day}", 303)


@router.get(PATH + "/{account}/{day}")
@router.head(PATH + "/{account}/{day}")
def receipt(
    account: int, day: date, site: Site = Depends(site_of), visitor: Visitor = Depends(signed_in)
) -> Response:
    """What counts of a day at a customer, as far as the visitor was in it or told it."""
    with site.reading() as session:
        _open(session, visitor, account, site.today)
        customer = access.known(session, account)
        noted = log_choices.noted(session, account, day, visitor.person)
    if not noted:
        raise NotFound("nothing is known of that day")
    return page(
        site, "log_contact/receipt.html.j2", visitor.language,
        visitor=visitor, here=PATH, account=customer, on=day, noted=noted,
    )  # fmt: skip


def _start(site: Site, visitor: Visitor, told: Told | None = None) -> Response:
    if access.operations(visitor):
        raise NotAllowed("operations log no contact here")
    with site.reading() as session:
        today = days.local(session, visitor.person, site.now(), site.settings.company)
        accounts = _accounts(session, visitor, site.today)
        known = log_choices.contacts(session, accounts, site.today, MOST)
        whose = log_choices.assisted(session, visitor.person) if Role.ASSISTANT in visitor.roles else set()
    together = 0 < len(known) <= TOGETHER and not whose
    return _page(site, visitor, "start", told, today, known=known, together=together)


def _form(site: Site, visitor: Visitor, account: int, told: Told | None = None) -> Response:
    with site.reading() as session:
        today = days.local(session, visitor.person, site.now(), site.settings.company)
        _open(session, visitor, account, site.today)
        customer = access.known(session, account)
        known = log_choices.contacts(session, [account], site.today, MOST)
        ours = log_choices.ours(session, account, visitor.person, site.today)
        whose = log_choices.assisted(session, visitor.person) or {visitor.person}
    there = set(told.persons) if told else (whose if visitor.roles == _ASSISTS else {visitor.person})
    return _page(site, visitor, "form", told, today, account=customer, known=known, ours=ours, there=there)


def _page(site: Site, visitor: Visitor, name: str, told: Told | None, today: date, **values: Any) -> Response:
    return page(
        site, f"log_contact/{name}.html.j2", visitor.language, 422 if told else 200, today,
        visitor=visitor, here=PATH, told=told or Told(day=today.isoformat()), wrong=told is not None,
        kinds=KINDS, **values,
    )  # fmt: skip


def _entry(session: Session, visitor: Visitor, account: int, told: Told, today: date) -> Entry | None:
    """What is logged; None where something does not fit."""
    known = {each.contact for each in log_choices.contacts(session, [account], today, MOST)}
    ours = {number for number, _ in log_choices.ours(session, account, visitor.person, today)}
    persons = told.persons or [visitor.person]
    day = _date(told.day)
    fit = day is not None and abs(day - today) <= _FAR and told.kind in KINDS and told.contacts
    if not fit or not set(told.contacts) <= known or not set(persons) <= ours:
        return None
    return Entry(persons, told.contacts, day, told.kind, account=account)


def _open(session: Session, visitor: Visitor, account: int, today: date) -> None:
    """Let pass who may look into the account, or plans contacts there (NotAllowed)."""
    if not access.operations(visitor) and account in log_choices.planned_at(session, visitor.person, today):
        return
    access.for_account(session, visitor, account, today)


def _accounts(session: Session, visitor: Visitor, today: date) -> set[int]:
    """The customers somebody works with; a head finds all others on the page of customers."""
    own = in_sight.accounts(session, visitor.person, today)
    return own | log_choices.planned_at(session, visitor.person, today)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

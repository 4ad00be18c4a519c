"""`kamflow log`: contacts that were held, booked or cancelled."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from kamflow.acts.log import Entry, Receipt, called
from kamflow.acts.log import log as log_contact
from kamflow.cli.home import Desk, acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError
from kamflow.models.contact import Contact
from kamflow.models.person import Person


def log(
    *contacts: str,
    person: Annotated[list[str] | None, Parameter(negative="")] = None,
    on: str | None = None,
    kind: str = "visit",
    state: str | None = None,
    account: str | None = None,
    options: Options = HERE,
) -> None:
    """Log a contact: everybody named met every contact named, each pair counts once a day.

    Parameters
    ----------
    contacts
        The customer's people: key, e-mail address or full name.
    person
        Our people who were there (repeat it); the acting person if not given.
    on
        The day (2026-09-07); today if not given. A day to come is booked.
    kind
        visit, call, video, mail or event.
    state
        held, booked or cancelled.
    account
        The customer, where a contact has places at several.
    """
    with acting(options) as desk:
        where = desk.account(account) if account else None
        entry = Entry(
            _people(desk, person or ()), [desk.contact(text) for text in contacts],
            day(on) if on else None, kind, state, where,
        )  # fmt: skip
        receipts = log_contact(desk.session, desk.actor, entry, desk.now, desk.company)
        lines = [_line(desk, receipt) for receipt in receipts]
        rows = [_row(desk, receipt) for receipt in receipts]
    # Said only once it is stored.
    if options.json:
        say_json({"receipts": rows})
    else:
        say(*lines)


def _people(desk: Desk, named: Sequence[str]) -> list[int]:
    """Who was there: those named, else who acts."""
    if named:
        return [desk.person(text) for text in named]
    if desk.actor is None:
        raise InputError("say who was there (--person PERSON) or who you are (--as PERSON)")
    return [desk.actor]


def _line(desk: Desk, receipt: Receipt) -> str:
    pair = called(desk.session, receipt.person, receipt.contact)
    return f"{receipt.said}: {pair}, {receipt.day} ({desk.account_name(receipt.account)})"


def _row(desk: Desk, receipt: Receipt) -> dict[str, object]:
    return {
        "person": desk.session.get_one(Person, receipt.person).key,
        "contact": desk.session.get_one(Contact, receipt.contact).key,
        "account": desk.account_key(receipt.account),
        "day": receipt.day,
        "said": receipt.said,
    }

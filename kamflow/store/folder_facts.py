"""The facts of the folder for the customer, read through `customer_view`: nothing internal can get in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from kamflow.documents.customer_folder import pages as page
from kamflow.documents.customer_folder.folder import Folder, pointed
from kamflow.documents.customer_folder.pages import Step, Text
from kamflow.settings import Company
from kamflow.store import folder_revenue, folder_rows
from kamflow.store.customer_view import for_customers
from kamflow.store.folder_rows import Customer, Talk

NEXT = 5  # measures that are named as the next steps


@dataclass(frozen=True, slots=True)
class Gathered:
    """All pages of the folder for a talk, and the digests of those that were ticked."""

    meeting: int
    folder: Folder
    ticks: Mapping[str, str]


def gather(session: Session, talk: int, today: date, company: Company) -> Gathered:
    """What may be told to the customer of a round, as of today.

    Raises:
        Internal: something else was about to be read; this is a bug.
    """
    with for_customers(session):
        at = folder_rows.talk(session, talk)
        customer = folder_rows.customer(session, at.account)
        words = folder_rows.words(session, at.meeting)
        ticks = folder_rows.ticks(session, at.meeting)
        folder = _folder(session, at, customer, words, today, company)
        return Gathered(at.meeting, pointed(folder, ticks), ticks)


def _folder(
    session: Session, at: Talk, customer: Customer, words: Mapping[str, Text], today: date, company: Company
) -> Folder:
    window = page.window(at.day)
    people = folder_rows.attendees(session, at)
    steps = folder_rows.steps(session, at.account, window, today)
    open_steps = tuple(each for each in steps if each.done_on is None)
    figures = folder_revenue.figures(session, at.account, at.day, today, company)
    return Folder(
        account=customer.name,
        year=_year(at),
        language=_language(customer, company),
        currency=company.currency,
        as_of=today,
        title=page.Title(
            customer.name, _year(at), at.day, at.place, at.number, words.get("title", ())
        ),
        agenda=page.Agenda(
            at.day, at.starts_at.isoformat() if at.starts_at else None, customer.zone or company.zone,
            at.place, people.theirs, people.ours, words.get("agenda", ()),
        ),
        topics=page.Topics(folder_rows.topics(session, at, people), words.get("topics", ())),
        figures=replace(figures, words=words.get("figures", ())),
        services=page.Services(
            window.first, window.last, folder_rows.given(session, at.account, window, today),
            words.get("services", ()),
        ),
        done=page.Steps(
            tuple(each for each in steps if each.done_on is not None), window.first, words.get("done", ())
        ),
        plan=page.Steps(_as_agreed(open_steps, at.day), None, words.get("plan", ())),
        next=page.Next(
            folder_rows.further_talks(session, at),
            tuple(each for each in open_steps if each.due_on is not None and each.due_on >= at.day)[:NEXT],
            words.get("next", ()),
        ),
    )  # fmt: skip


def _as_agreed(steps: tuple[Step, ...], day: date) -> tuple[Step, ...]:
    """Open steps as they may be handed over on a day: a date that is past by then is agreed anew, it comes
    last."""
    told = [replace(each, due_on=None) if each.due_on and each.due_on < day else each for each in steps]
    return tuple(sorted(told, key=lambda each: each.due_on or date.max))


def _language(customer: Customer, company: Company) -> str:
    """The customer's language with its country (`de_AT`); the company's language where none is known."""
    spoken = (customer.language or company.language).partition("@")[0].replace("-", "_")
    if "_" in spoken or not customer.country:
        return spoken
    return f"{spoken}_{customer.country.upper()}"


def _year(at: Talk) -> str:
    first, last = at.year.first.year, at.year.last.year
    return f"{first}" if first == last else f"{first}/{last % 100:02d}"

"""Invitations at the moment their mails would leave: what the rule knows of them now, and to whom they go."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kamflow.figures.survey_facts import Invitation, SurveyFacts
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.models.person import Person
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.store import surveys, teams
from kamflow.store.run import Run


@dataclass(frozen=True, slots=True)
class Addressee:
    """The contact as a mail addresses it."""

    contact: int
    name: str
    last_name: str
    salutation: str | None
    email: str | None
    language: str | None
    zones: tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Sending:
    """An invitation with the facts of its wave. `reads`: who of ours sees the answer, the KAM first."""

    id: int
    version: int
    wave: int
    fact: SurveyFacts
    asked: Invitation
    to: Addressee
    reads: tuple[int, ...]
    reply_to: str | None


def load(run: Run, invitations: Iterable[int]) -> dict[int, Sending]:
    """What is known of these invitations; those whose wave is of a past year are missing."""
    rows = run.session.execute(_rows(invitations)).all()
    known = {
        fact.wave.id: fact
        for fact in surveys.facts(run, frozenset(row.account_id for row in rows))
        if fact.wave is not None
    }
    heads = teams.heads(run.session, run.today)
    kams = {fact.kam.person for fact in known.values() if fact.kam}
    superiors = teams.superiors(run.session, kams)
    emails = _emails(run, kams)
    found: dict[int, Sending] = {}
    for row in rows:
        fact = known.get(row.wave_id)
        asked = next((each for each in _list(fact) if each.who.contact == row.contact_id), None)
        if fact is not None and asked is not None:
            kam = fact.kam.person if fact.kam else None
            head = next((each for each in (superiors.get(kam or 0), *heads) if each in heads), None)
            reads = tuple(dict.fromkeys(each for each in (kam, head) if each is not None))
            found[row.id] = Sending(
                row.id, row.version, row.wave_id, fact, asked, _addressee(row), reads, emails.get(kam or 0)
            )
    return found


def _list(fact: SurveyFacts | None) -> tuple[Invitation, ...]:
    return fact.wave.invitations if fact is not None and fact.wave is not None else ()


def _addressee(row: Any) -> Addressee:
    return Addressee(
        contact=row.contact_id,
        name=f"{row.first_name or ''} {row.last_name}".strip(),
        last_name=row.last_name,
        salutation=row.salutation,
        email=row.email,
        language=row.language or row.account_language,
        zones=(row.zone, row.account_zone),
    )


def _rows(invitations: Iterable[int]) -> Any:
    row, contact, account = SurveyInvitation, Contact, Account
    columns = (row.id, row.version, row.wave_id, row.contact_id, SurveyWave.account_id)
    own = (contact.first_name, contact.last_name, contact.salutation, contact.email, contact.language)
    return (
        select(
            *map(col, (*columns, *own, contact.zone)),
            col(account.language).label("account_language"),
            col(account.zone).label("account_zone"),
        )
        .join(SurveyWave, col(SurveyWave.id) == col(row.wave_id))
        .join(contact, col(contact.id) == col(row.contact_id))
        .join(account, col(account.id) == col(SurveyWave.account_id))
        .where(col(row.id).in_(set(invitations)))
    )


def _emails(run: Run, people: Iterable[int]) -> dict[int, str]:
    rows = run.session.execute(
        select(col(Person.id), col(Person.email)).where(
            col(Person.id).in_(set(people)), col(Person.email).is_not(None)
        )
    )
    return {number: email for number, email in rows if number is not None and email}

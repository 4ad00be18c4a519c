"""Names for ids: nudges and messages carry ids only, what a person reads is looked up here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from kamflow.models.account import Account, ExternalReference, Pause
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.models.controlling import QuarterComment
from kamflow.models.meeting import BriefingNote, MeetingRound, Request
from kamflow.models.person import Department, Person
from kamflow.models.plan import Goal, Measure, OpenQuestion
from kamflow.models.service import Service, ServiceGiven
from kamflow.models.training import Complaint, Gap
from kamflow.store import briefing_aims


@dataclass(frozen=True, slots=True)
class ContactName:
    name: str
    position: str | None = None


@dataclass(frozen=True, slots=True)
class AccountName:
    name: str
    key: str
    crm_id: str | None = None


@dataclass(frozen=True)
class Names:
    """Lookups by id; `targets` gives the topic of a contact target, `questions` the text of a "?",
    `measures` what is to be done, `requests` what is asked for in the KAM's own words, `complaints` what
    they are about, `notes` what was noted on a briefing, `returns` what was asked in return for a service
    given, `places` where a round is held, `pauses` why; `roles` the buying role of a place; `goals` what they
    are about and `units` what in; `gaps` which service was rated, `factors` what the competitor does better,
    `actions` what we do about it."""

    persons: Mapping[int, str] = field(default_factory=dict)
    contacts: Mapping[int, ContactName] = field(default_factory=dict)
    accounts: Mapping[int, AccountName] = field(default_factory=dict)
    targets: Mapping[int, str] = field(default_factory=dict)
    questions: Mapping[int, str] = field(default_factory=dict)
    measures: Mapping[int, str] = field(default_factory=dict)
    requests: Mapping[int, str] = field(default_factory=dict)
    departments: Mapping[int, str] = field(default_factory=dict)
    services: Mapping[int, str] = field(default_factory=dict)
    complaints: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    returns: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)
    pauses: Mapping[int, str] = field(default_factory=dict)
    comments: Mapping[int, str] = field(default_factory=dict)
    roles: Mapping[int, str] = field(default_factory=dict)
    goals: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[int, str] = field(default_factory=dict)
    gaps: Mapping[int, str] = field(default_factory=dict)
    factors: Mapping[int, str] = field(default_factory=dict)
    actions: Mapping[int, str] = field(default_factory=dict)


def load(  # noqa: PLR0913 - one argument for each kind of id
    session: Session,
    *,
    persons: Iterable[int] = (),
    contacts: Iterable[int] = (),
    accounts: Iterable[int] = (),
    targets: Iterable[int] = (),
    questions: Iterable[int] = (),
    measures: Iterable[int] = (),
    requests: Iterable[int] = (),
    departments: Iterable[int] = (),
    services: Iterable[int] = (),
    complaints: Iterable[int] = (),
    notes: Iterable[int] = (),
    returns: Iterable[int] = (),
    places: Iterable[int] = (),
    pauses: Iterable[int] = (),
    comments: Iterable[int] = (),
    roles: Iterable[int] = (),
    goals: Iterable[int] = (),
    gaps: Iterable[int] = (),
    crm_source: str = "crm",
) -> Names:
    """Names of the given ids, each kind in one query."""
    return Names(
        persons=_pairs(session, select(col(Person.id), col(Person.name)), Person.id, persons),
        contacts=_contacts(session, set(contacts), set(accounts)),
        accounts=_accounts(session, set(accounts), crm_source),
        targets=_pairs(
            session, select(col(ContactTarget.id), col(ContactTarget.topic)), ContactTarget.id, targets
        ),
        questions=_pairs(
            session, select(col(OpenQuestion.id), col(OpenQuestion.question)), OpenQuestion.id, questions
        ),
        measures=_pairs(session, select(col(Measure.id), col(Measure.title)), Measure.id, measures),
        requests=_pairs(session, select(col(Request.id), col(Request.text)), Request.id, requests),
        departments=_pairs(
            session, select(col(Department.id), col(Department.name)), Department.id, departments
        ),
        services=_pairs(session, select(col(Service.id), col(Service.name)), Service.id, services),
        complaints=_pairs(
            session, select(col(Complaint.id), col(Complaint.subject)), Complaint.id, complaints
        ),
        notes=_pairs(session, select(col(BriefingNote.id), col(BriefingNote.text)), BriefingNote.id, notes),
        returns=_pairs(
            session, select(col(ServiceGiven.id), col(ServiceGiven.asked_in_return)), ServiceGiven.id, returns
        ),
        places=_pairs(
            session, select(col(MeetingRound.id), col(MeetingRound.place)), MeetingRound.id, places
        ),
        pauses=_pairs(session, select(col(Pause.id), col(Pause.reason)), Pause.id, pauses),
        comments=_pairs(
            session, select(col(QuarterComment.id), col(QuarterComment.text)), QuarterComment.id, comments
        ),
        roles=_pairs(session, select(col(Place.id), col(Place.buying_role)), Place.id, roles),
        **_aims(session, set(goals), set(gaps)),
    )


def _aims(session: Session, goals: set[int], gaps: set[int]) -> dict[str, dict[int, str]]:
    """What is wanted at accounts, and where services were rated."""
    # Revenue and margin are words that every reader has in their language.
    own = case((col(Goal.figure).in_(briefing_aims.FIGURES), None), else_=col(Goal.figure))
    named = func.coalesce(col(Goal.text), own)
    return {
        "goals": _pairs(session, select(col(Goal.id), named), Goal.id, goals),
        "units": _pairs(session, select(col(Goal.id), col(Goal.unit)), Goal.id, goals),
        "gaps": _pairs(session, select(col(Gap.id), col(Gap.service)), Gap.id, gaps),
        "factors": _pairs(session, select(col(Gap.id), col(Gap.factor)), Gap.id, gaps),
        "actions": _pairs(session, select(col(Gap.id), col(Gap.action)), Gap.id, gaps),
    }


def _pairs(
    session: Session, query: Select[tuple[Any, Any]], column: Any, ids: Iterable[int]
) -> dict[int, str]:
    wanted = set(ids)
    if not wanted:
        return {}
    rows = session.execute(query.where(column.in_(wanted)))
    return {key: value for key, value in rows if value is not None}


def _contacts(session: Session, ids: set[int], accounts: set[int]) -> dict[int, ContactName]:
    """Names with the position at one of these accounts: what a contact is elsewhere is not told here."""
    if not ids:
        return {}
    rows = session.execute(
        select(col(Contact.id), col(Contact.first_name), col(Contact.last_name)).where(
            col(Contact.id).in_(ids)
        )
    )
    positions = _positions(session, ids, accounts)
    return {
        number: ContactName(f"{first or ''} {last}".strip(), positions.get(number))
        for number, first, last in rows
        if number is not None
    }


def _positions(session: Session, ids: set[int], accounts: set[int]) -> dict[int, str]:
    """The one position of each contact at these accounts, nothing where there are several."""
    rows = session.execute(
        select(col(Place.contact_id), col(Place.position))
        .where(col(Place.contact_id).in_(ids), col(Place.account_id).in_(accounts))
        .where(col(Place.until_day).is_(None), col(Place.position).is_not(None))
        .distinct()
    )
    found: dict[int, list[str]] = {}
    for contact, position in rows:
        found.setdefault(contact, []).append(position or "")
    return {contact: each[0] for contact, each in found.items() if len(each) == 1}


def _accounts(session: Session, ids: set[int], source: str) -> dict[int, AccountName]:
    if not ids:
        return {}
    rows = session.execute(
        select(col(Account.id), col(Account.name), col(Account.key)).where(col(Account.id).in_(ids))
    )
    references = session.execute(
        select(col(ExternalReference.row_id), col(ExternalReference.external_id))
        .where(col(ExternalReference.kind) == "account", col(ExternalReference.source) == source)
        .where(col(ExternalReference.row_id).in_(ids))
        .order_by(col(ExternalReference.id).desc())
    )
    crm: dict[int, str] = dict(references.tuples().all())
    return {number: AccountName(name, key, crm.get(number)) for number, name, key in rows}

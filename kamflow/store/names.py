"""Names for ids: nudges and messages carry ids only, what a person reads is looked up here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select
from sqlmodel import Session

from kamflow.models.tables import METADATA
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
    session.flush()  # tables are asked, which does not do it
    return Names(
        persons=_texts(session, "persons", persons),
        contacts=_contacts(session, set(contacts), set(accounts)),
        accounts=_accounts(session, set(accounts), crm_source),
        targets=_texts(session, "targets", targets),
        questions=_texts(session, "questions", questions),
        measures=_texts(session, "measures", measures),
        requests=_texts(session, "requests", requests),
        departments=_texts(session, "departments", departments),
        services=_texts(session, "services", services),
        complaints=_texts(session, "complaints", complaints),
        notes=_texts(session, "notes", notes),
        returns=_texts(session, "returns", returns),
        places=_texts(session, "places", places),
        pauses=_texts(session, "pauses", pauses),
        comments=_texts(session, "comments", comments),
        roles=_texts(session, "roles", roles),
        **_aims(session, set(goals), set(gaps)),
    )


def _aims(session: Session, goals: set[int], gaps: set[int]) -> dict[str, dict[int, str]]:
    """What is wanted at accounts, and where services were rated."""
    aims, rated = _rows(session, _GOALS, goals), _rows(session, _GAPS, gaps)
    return {
        "goals": {number: text for number, text, _ in aims if text is not None},
        "units": {number: unit for number, _, unit in aims if unit is not None},
        "gaps": {number: service for number, service, _, _ in rated if service is not None},
        "factors": {number: factor for number, _, factor, _ in rated if factor is not None},
        "actions": {number: action for number, _, _, action in rated if action is not None},
    }


def _texts(session: Session, kind: str, ids: Iterable[int]) -> dict[int, str]:
    rows = _rows(session, _TEXTS[kind], ids)
    return {number: text for number, text in rows if text is not None}


def _rows(session: Session, query: Select[Any], ids: Iterable[int]) -> Sequence[Row[Any]]:
    wanted = {*ids}
    return session.execute(query, {"ids": [*wanted]}).all() if wanted else ()


def _contacts(session: Session, ids: set[int], accounts: set[int]) -> dict[int, ContactName]:
    """Names with the position at one of these accounts: what a contact is elsewhere is not told here."""
    rows = _rows(session, _CONTACTS, ids)
    positions = _positions(session, ids, accounts) if rows else {}
    return {
        number: ContactName(f"{first or ''} {last}".strip(), positions.get(number))
        for number, first, last in rows
    }


def _positions(session: Session, ids: set[int], accounts: set[int]) -> dict[int, str]:
    """The one position of each contact at these accounts, nothing where there are several."""
    found: dict[int, list[str]] = {}
    for contact, position in session.execute(_PLACES, {"ids": [*ids], "accounts": [*accounts]}):
        found.setdefault(contact, []).append(position or "")
    return {contact: each[0] for contact, each in found.items() if len(each) == 1}


def _accounts(session: Session, ids: set[int], source: str) -> dict[int, AccountName]:
    rows = _rows(session, _ACCOUNTS, ids)
    known = {"ids": [*ids], "source": source}
    crm: dict[int, str] = dict(session.execute(_REFERENCES, known).tuples().all()) if rows else {}
    return {number: AccountName(name, key, crm.get(number)) for number, name, key in rows}


def _of(table: str, *columns: Any) -> Select[Any]:
    """Columns of the rows with the given ids. Made once: a batch of messages asks for all kinds."""
    rows = _T[table].c
    asked = [rows[each] if isinstance(each, str) else each for each in columns]
    return select(rows.id, *asked).where(rows.id.in_(_IDS))


_T, _IDS = METADATA.tables, bindparam("ids", expanding=True)
_TEXTS = {
    "persons": _of("person", "name"),
    "targets": _of("contact_target", "topic"),
    "questions": _of("open_question", "question"),
    "measures": _of("measure", "title"),
    "requests": _of("request", "text"),
    "departments": _of("department", "name"),
    "services": _of("service", "name"),
    "complaints": _of("complaint", "subject"),
    "notes": _of("briefing_note", "text"),
    "returns": _of("service_given", "asked_in_return"),
    "places": _of("meeting_round", "place"),
    "pauses": _of("pause", "reason"),
    "comments": _of("quarter_comment", "text"),
    "roles": _of("place", "buying_role"),
}
_GOAL, _REFERENCE, _PLACE = _T["goal"].c, _T["external_reference"].c, _T["place"].c
# Revenue and margin are words that every reader has in their language.
_FIGURE = case((_GOAL.figure.in_(briefing_aims.FIGURES), None), else_=_GOAL.figure)
_GOALS = _of("goal", func.coalesce(_GOAL.text, _FIGURE), "unit")
_GAPS = _of("gap", "service", "factor", "action")
_CONTACTS = _of("contact", "first_name", "last_name")
_PLACES = (
    select(_PLACE.contact_id, _PLACE.position)
    .where(_PLACE.contact_id.in_(_IDS), _PLACE.account_id.in_(bindparam("accounts", expanding=True)))
    .where(_PLACE.until_day.is_(None), _PLACE.position.is_not(None))
    .distinct()
)
_ACCOUNTS = _of("account", "name", "key")
_REFERENCES = (
    select(_REFERENCE.row_id, _REFERENCE.external_id)
    .where(_REFERENCE.kind == "account", _REFERENCE.source == bindparam("source"))
    .where(_REFERENCE.row_id.in_(_IDS))
    .order_by(_REFERENCE.id.desc())
)

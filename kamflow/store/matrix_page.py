"""What the page of a contact matrix shows: places, targets, what was held, and who met each contact last."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.figures import matrix_grid
from kamflow.figures.contact_cell import Cell, Due, look
from kamflow.figures.contact_matrix import may_sum
from kamflow.figures.matrix_grid import Coverage, Grid, Met, Row, State
from kamflow.models.contact import Contact, Place
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import briefing_rows, contacts, families, names, own_policy
from kamflow.store.run import Run
from kamflow.thresholds import ContactShortfall


@dataclass(frozen=True)
class Sight:
    """What a reader may see: the columns of `readable` (None: all), whether somebody is behind of `own`
    (None: of all)."""

    reader: int
    readable: Collection[int] | None
    own: Collection[int] | None


@dataclass(frozen=True, slots=True)
class _At:
    contact: int
    name: str
    position: str | None
    influence: int | None
    account: int


def grid(
    session: Session, account: int, now: datetime, today: date, policy: Policy, company: Company, sight: Sight
) -> Grid:
    """The matrix of an account and its sites today, as far as a reader may see it."""
    family = families.below([account])
    accounts = frozenset(session.execute(select(family.c.id)).scalars())
    counting = own_policy.load(session, policy, today, accounts)
    run = Run(session, "contact_shortfall", today, now, counting, company)
    counted = contacts.cells(run, accounts)
    cells = [
        _met(cell, each.account, today, counting) for each in counted for cell in each.cells if cell.soll
    ]
    readable = matrix_grid.shown(cells, sight.readable, sight.own)
    people = matrix_grid.columns(readable, {sight.reader, *(sight.own or ())})
    called = names.load(session, persons=people, accounts=accounts if len(accounts) > 1 else ())
    sites = {each: name.name for each, name in called.accounts.items() if each != account}
    places = _places(session, accounts, today)
    last = briefing_rows.last_contacts(session, {place.contact for place in places}, today)
    whom = names.load(session, persons={line["person"] for line in last.values()}).persons
    newest = max(counted, key=lambda each: each.as_of or date.min, default=None)
    return Grid(
        people=tuple((person, called.persons.get(person, "?")) for person in people),
        rows=tuple(
            _row(place, readable, people, sites.get(place.account), _last(last.get(place.contact), whom))
            for place in places
        ),
        coverage=_coverage(cells, sight),
        as_of=newest.as_of if newest else None,
        source=newest.source if newest else None,
        hidden=len(readable) < len(cells) or sight.own is not None,
    )


def _met(cell: Cell, account: int, today: date, policy: Policy) -> Met:
    state = _state(cell, today, policy.of(account).contact_shortfall)
    return Met(cell.person, cell.contact, account, cell.held, cell.soll, len(cell.booked), state)


def _state(cell: Cell, today: date, policy: ContactShortfall) -> State:
    verdict = look(cell, today, policy)
    if isinstance(verdict, Due):
        return "behind"
    if cell.held >= cell.soll:
        return "reached"
    return "booked" if verdict.reason == "covered" else "on_pace"


def _coverage(cells: Sequence[Met], sight: Sight) -> Coverage | None:
    """The sum of all: of five people or more, of the reader alone, or where everybody's is read anyway."""
    open_to_all = sight.readable is None
    if not (open_to_all or may_sum(({"person": cell.person} for cell in cells), sight.reader)):
        return None
    return matrix_grid.coverage(cells)


def _places(session: Session, accounts: Collection[int], today: date) -> list[_At]:
    """Who has a place there today, the most influential first."""
    place = Place
    rows = session.execute(
        select(
            col(Contact.id),
            col(Contact.first_name),
            col(Contact.last_name),
            col(place.position),
            col(place.influence),
            col(place.account_id),
        )
        .join(Contact, col(Contact.id) == col(place.contact_id))
        .where(col(place.account_id).in_(accounts))
        .where(or_(col(place.from_day).is_(None), col(place.from_day) <= today))
        .where(or_(col(place.until_day).is_(None), col(place.until_day) >= today))
        .order_by(col(place.influence).desc().nulls_last(), col(Contact.last_name), col(Contact.id))
    )
    found: dict[tuple[int, int], _At] = {}
    for contact, first, last, position, influence, account in rows:
        at = _At(contact, f"{first or ''} {last}".strip(), position, influence, account)
        found.setdefault((contact, account), at)
    return list(found.values())


def _row(
    place: _At,
    cells: Sequence[Met],
    people: Sequence[int],
    site: str | None,
    last: tuple[date, str] | None,
) -> Row:
    own: dict[int, Met] = {}
    for cell in cells:
        if (cell.contact, cell.account) == (place.contact, place.account):
            own[cell.person] = matrix_grid.added(own.get(cell.person), cell)
    return Row(
        contact=place.contact,
        name=place.name,
        position=place.position,
        influence=place.influence,
        account=site,
        cells=tuple(own.get(person) for person in people),
        last=last,
    )


def _last(line: briefing_rows.Line | None, whom: Mapping[int, str]) -> tuple[date, str] | None:
    return (date.fromisoformat(line["day"]), whom.get(line["person"], "?")) if line else None

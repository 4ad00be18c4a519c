"""The facts of `contact_shortfall`: Soll and Ist per person and contact, account by account."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col

from kamflow.figures.contact_cell import Cell
from kamflow.models.account import Account, Team, TeamRole
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.person import Level, Person
from kamflow.rules.contact_shortfall import AccountContacts
from kamflow.store import calendars
from kamflow.store.run import Accounts, Run
from kamflow.workdays import Calendar, both


class _Row(NamedTuple):
    account: int
    target: int
    person: int
    contact: int
    soll: int
    first: date
    last: date
    target_from: date | None
    target_until: date | None
    influence: int | None
    place_level: str
    person_level: str
    place_until: date | None
    left_on: date | None
    held: int
    last_held: date | None


def cells(run: Run, accounts: Accounts) -> list[AccountContacts]:
    """Every contact target of these accounts whose period contains today, with what was held and booked.

    Held counts days on which the pair met within the target's own days: same pair, same day is one
    contact. Closed accounts have no cells.
    """
    session, today = run.session, run.today
    rows = [_Row._make(row) for row in session.execute(_matrix(accounts, today))]
    booked = _booked(session, rows)
    shared = _shared_days(run, rows)
    newest = newest_interactions(session, accounts, today)
    kams = accounts_kams(session, accounts, today)
    by_account: defaultdict[int, list[Cell]] = defaultdict(list)
    for row in rows:
        by_account[row.account].append(_cell(row, booked, shared, today))
    return [
        AccountContacts(account, kams.get(account), *newest.get(account, (None, None)), found)
        for account, found in sorted(by_account.items())
    ]


def _matrix(accounts: Accounts, today: date) -> Any:
    """One row per target: the GROUP BY is what a night costs at least."""
    target, place, met = ContactTarget, Place, Interaction
    within = and_(
        col(met.day) >= func.coalesce(target.from_day, target.period_first),
        col(met.day) <= func.coalesce(target.until_day, target.period_last),
        col(met.day) <= today,
    )
    return (
        select(
            col(place.account_id),
            col(target.id),
            col(target.person_id),
            col(place.contact_id),
            col(target.soll),
            col(target.period_first),
            col(target.period_last),
            col(target.from_day),
            col(target.until_day),
            col(place.influence),
            col(place.level),
            col(Person.level),
            col(place.until_day),
            col(Person.left_on),
            func.count(case((within, col(met.day))).distinct()),
            func.max(case((col(met.day) <= today, col(met.day)))),
        )
        .join(place, col(place.id) == col(target.place_id))
        .join(Person, col(Person.id) == col(target.person_id))
        .join(Account, col(Account.id) == col(place.account_id))
        .outerjoin(
            Encounter,
            and_(
                col(Encounter.contact_id) == col(place.contact_id),
                col(Encounter.person_id) == col(target.person_id),
            ),
        )
        .outerjoin(
            met,
            and_(
                col(met.id) == col(Encounter.interaction_id),
                col(met.state) == InteractionState.HELD,
            ),
        )
        .where(col(place.account_id).in_(accounts))
        .where(col(target.period_first) <= today, col(target.period_last) >= today)
        .where(or_(col(target.from_day).is_(None), col(target.from_day) <= today))
        .where(or_(col(target.until_day).is_(None), col(target.until_day) >= today))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today))
        .group_by(col(target.id), col(place.id), col(Person.id))
        .order_by(col(target.id))
    )


def _booked(session: Session, rows: list[_Row]) -> dict[tuple[int, int], list[date]]:
    """Days booked per pair that were not held (yet), from the start of the running periods on."""
    if not rows:
        return {}
    found = session.execute(
        select(col(Encounter.person_id), col(Encounter.contact_id), col(Interaction.day))
        .join(Interaction, col(Interaction.id) == col(Encounter.interaction_id))
        .where(col(Interaction.state) == InteractionState.BOOKED)
        .where(col(Encounter.contact_id).in_({row.contact for row in rows}))
        .where(col(Interaction.day) >= min(row.first for row in rows))
        .distinct()
    )
    days: defaultdict[tuple[int, int], list[date]] = defaultdict(list)
    for person, contact, day in found:
        days[person, contact].append(day)
    return days


def _shared_days(run: Run, rows: list[_Row]) -> dict[tuple[int, int], Calendar]:
    """Per person and account the days on which both sides work."""
    people = calendars.of_people(run.session, {row.person for row in rows}, run.company)
    customers = calendars.of_accounts(run.session, {row.account for row in rows}, run.company)
    pairs = {(row.person, row.account) for row in rows}
    return {pair: both(people[pair[0]], customers[pair[1]]) for pair in pairs}


def _cell(
    row: _Row,
    booked: dict[tuple[int, int], list[date]],
    shared: dict[tuple[int, int], Calendar],
    today: date,
) -> Cell:
    first = max(row.first, row.target_from or row.first)
    last = min(row.last, row.target_until or row.last)
    days = booked.get((row.person, row.contact), ())
    gone = row.place_until is not None and row.place_until < today
    left = row.left_on is not None and row.left_on < today
    return Cell(
        row.target,
        row.person,
        row.contact,
        row.soll,
        f"{row.first.isoformat()}..{row.last.isoformat()}",
        first,
        last,
        row.held,
        row.last_held,
        tuple(sorted(day for day in days if first <= day <= last)) if days else (),
        row.influence,
        Level.BOARD in (row.place_level, row.person_level),
        shared[row.person, row.account],
        gone or left,
    )


def newest_interactions(
    session: Session, accounts: Accounts, today: date
) -> dict[int, tuple[date, str | None]]:
    """Per account the newest day something was held or booked, and which source said so."""
    rows = session.execute(
        select(col(Interaction.account_id), func.max(col(Interaction.day)), func.max(col(Interaction.source)))
        .where(col(Interaction.account_id).in_(accounts), col(Interaction.day) <= today)
        .where(col(Interaction.state) != InteractionState.CANCELLED)
        .group_by(col(Interaction.account_id))
    )
    return {account: (day, source) for account, day, source in rows if account is not None}


def accounts_kams(session: Session, accounts: Iterable[int], today: date) -> dict[int, int]:
    """The KAM of each account that has one today: not left, the one with the longest standing."""
    rows = session.execute(
        select(col(Team.account_id), col(Team.person_id))
        .join(Person, col(Person.id) == col(Team.person_id))
        .where(col(Team.account_id).in_(set(accounts)), col(Team.role) == TeamRole.KAM)
        .where(*_valid(today))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= today))
        .order_by(col(Team.from_day).desc().nulls_first(), col(Team.id).desc())
    )
    return dict(rows.tuples().all())


def _valid(today: date) -> Iterator[Any]:
    yield or_(col(Team.from_day).is_(None), col(Team.from_day) <= today)
    yield or_(col(Team.until_day).is_(None), col(Team.until_day) >= today)

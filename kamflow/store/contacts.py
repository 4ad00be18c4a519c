"""The facts of `contact_shortfall`: Soll and Ist per person and contact, account by account.

A night reads hundreds of thousands of targets. Hence columns of the tables instead of mapped attributes
(those cost the session's work on every row), and rows unpacked by position.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias, cast

from sqlalchemy import Table, and_, bindparam, case, func, or_, select
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

TARGET, PLACE, PERSON, ACCOUNT, MET, WHO = (
    cast("Table", model.__table__)  # pyright: ignore[reportAttributeAccessIssue]
    for model in (ContactTarget, Place, Person, Account, Interaction, Encounter)
)
Booked: TypeAlias = dict[tuple[int, int, int], list[date]]  # by account, person and contact


def cells(run: Run, accounts: Accounts) -> list[AccountContacts]:
    """Every contact target of these accounts whose period contains today, with what was held and booked.

    Held counts days on which the pair met within the target's own days: same pair, same day is one
    contact. A contact with places at two accounts counts where the visit belongs. Closed accounts have
    no cells. Of a period in which kamflow went live only the rest counts, and only so much of its Soll.
    """
    session, today, begun = run.session, run.today, run.policy.starting.go_live or date.min
    rows = session.execute(_matrix(accounts, today, begun)).all()
    shared = _shared_days(run, {(row[2], row[0]) for row in rows})
    booked = _booked(session, accounts)
    newest = newest_interactions(session, accounts, today)
    kams = accounts_kams(session, accounts, today)
    by_account: defaultdict[int, list[Cell]] = defaultdict(list)
    for row in rows:
        cell = _cell(row, booked, shared)
        by_account[row[0]].append(cell if cell.first >= begun else cell.since(begun))
    return [
        AccountContacts(account, kams.get(account), *newest.get(account) or _of_cells(found), found)
        for account, found in sorted(by_account.items())
    ]


def _matrix(accounts: Accounts, today: date, begun: date) -> Any:
    """One row per target: the GROUP BY is what a night costs at least."""
    target, place, person, account, met, who = (
        table.c for table in (TARGET, PLACE, PERSON, ACCOUNT, MET, WHO)
    )
    within = and_(
        met.day >= func.coalesce(target.from_day, target.period_first),
        met.day <= func.coalesce(target.until_day, target.period_last),
        met.day <= today,
        met.day >= begun,
    )
    # SQLite gives the rows in the order of the groups; any other order would be one more sort.
    groups = (target.id, place.id, person.id)
    return (
        select(
            place.account_id,
            target.id,
            target.person_id,
            place.contact_id,
            target.soll,
            target.period_first,
            target.period_last,
            target.from_day,
            target.until_day,
            func.count(case((within, met.day)).distinct()),
            func.max(case((met.day <= today, met.day))),
            place.influence,
            or_(place.level == Level.BOARD, person.level == Level.BOARD),
            or_(place.until_day < today, person.left_on < today),
        )
        .join_from(TARGET, PLACE, place.id == target.place_id)
        .join(PERSON, person.id == target.person_id)
        .join(ACCOUNT, account.id == place.account_id)
        .outerjoin(WHO, and_(who.contact_id == place.contact_id, who.person_id == target.person_id))
        .outerjoin(MET, and_(met.id == who.interaction_id, met.state == InteractionState.HELD, _belongs()))
        .where(_among(place.account_id, accounts))
        .where(target.period_first <= today, target.period_last >= today)
        .where(or_(target.from_day.is_(None), target.from_day <= today))
        .where(or_(target.until_day.is_(None), target.until_day >= today))
        .where(or_(account.closed_on.is_(None), account.closed_on > today))
        .group_by(*groups)
        .order_by(*groups)
    )


def _belongs() -> Any:
    """A visit to one account is none to another at which the same contact has a place too."""
    elsewhere = PLACE.alias()
    own = (
        select(elsewhere.c.id)
        .where(elsewhere.c.contact_id == PLACE.c.contact_id, elsewhere.c.account_id == MET.c.account_id)
        .correlate(PLACE, MET)
    )
    # In this order: nearly every visit is settled by the first comparison.
    return or_(MET.c.account_id == PLACE.c.account_id, MET.c.account_id.is_(None), ~own.exists())


def _booked(session: Session, accounts: Accounts) -> Booked:
    """Days booked per pair that were not held (yet). Same pair, same day is one contact: a booking
    that another source reports as held is not a second one."""
    who, met = WHO.alias(), MET.alias()
    held = (
        select(met.c.id)
        .join_from(who, met, met.c.id == who.c.interaction_id)
        .where(who.c.person_id == WHO.c.person_id, who.c.contact_id == WHO.c.contact_id)
        .where(met.c.day == MET.c.day, met.c.state == InteractionState.HELD)
        .correlate(WHO, MET)
    )
    found = session.execute(
        select(PLACE.c.account_id, WHO.c.person_id, WHO.c.contact_id, MET.c.day)
        .join_from(PLACE, WHO, WHO.c.contact_id == PLACE.c.contact_id)
        .join(MET, MET.c.id == WHO.c.interaction_id)
        .where(_among(PLACE.c.account_id, accounts), MET.c.state == InteractionState.BOOKED)
        .where(_belongs(), ~held.exists())
        .distinct()
    )
    days: Booked = defaultdict(list)
    for account, person, contact, day in found.all():
        days[account, person, contact].append(day)
    return days


def _shared_days(run: Run, pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], Calendar]:
    """Per person and account the days on which both sides work."""
    people = calendars.of_people(run.session, {person for person, _ in pairs}, run.company)
    customers = calendars.of_accounts(run.session, {account for _, account in pairs}, run.company)
    return {(person, account): both(people[person], customers[account]) for person, account in pairs}


def _cell(row: Any, booked: Booked, shared: dict[tuple[int, int], Calendar]) -> Cell:
    account, target, person, contact, soll, start, end, from_day, until_day, held, last_held, *rest = row
    influence, board, gone = rest
    first = start if from_day is None else max(start, from_day)
    last = end if until_day is None else min(end, until_day)
    days = booked.get((account, person, contact))
    return Cell(
        target,
        person,
        contact,
        soll,
        _period(start, end),
        first,
        last,
        held,
        last_held,
        tuple(sorted(day for day in days if first <= day <= last)) if days else (),
        influence,
        board,
        shared[person, account],
        bool(gone),
    )


@lru_cache(maxsize=64)
def _period(first: date, last: date) -> str:
    return f"{first.isoformat()}..{last.isoformat()}"


def _among(column: Any, accounts: Accounts) -> Any:
    # Given to `in_` as they are, thousands of ids would each be looked at as a possible expression.
    return column.in_(bindparam("accounts", sorted(accounts), expanding=True))


def newest_interactions(
    session: Session, accounts: Accounts, today: date
) -> dict[int, tuple[date, str | None]]:
    """Per account the newest day something was held, else booked, and which source said so."""
    was = MET.c.day <= today
    rows = session.execute(
        select(MET.c.account_id, was, func.max(MET.c.day), MET.c.source)
        .where(_among(MET.c.account_id, accounts), MET.c.state != InteractionState.CANCELLED)
        .group_by(MET.c.account_id, was, MET.c.source)
    )
    # What was counts before what is to come; of each the newest day.
    found: dict[int, tuple[bool, date, str | None]] = {}
    for account, past, day, source in rows:
        found[account] = max(found.get(account, (False, date.min, None)), (bool(past), day, source or ""))
    return {account: (day, source or None) for account, (_, day, source) in found.items()}


def _of_cells(cells: Iterable[Cell]) -> tuple[date | None, str | None]:
    """Where visits name no account: the newest day a pair met or means to meet."""
    days = [day for cell in cells for day in (cell.last_held, *cell.booked) if day is not None]
    return max(days, default=None), None


def accounts_kams(session: Session, accounts: Iterable[int], today: date) -> dict[int, int]:
    """The KAM of each account that has one today: not left, the one with the longest standing."""
    rows = session.execute(
        select(col(Team.account_id), col(Team.person_id))
        .join(Person, col(Person.id) == col(Team.person_id))
        .where(col(Team.account_id).in_(set(accounts)), col(Team.role) == TeamRole.KAM)
        .where(*_valid(today))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= today))
        .order_by(col(Team.from_day).desc().nulls_last(), col(Team.id).desc())
    )
    return dict(rows.tuples().all())


def _valid(today: date) -> Iterator[Any]:
    yield or_(col(Team.from_day).is_(None), col(Team.from_day) <= today)
    yield or_(col(Team.until_day).is_(None), col(Team.until_day) >= today)

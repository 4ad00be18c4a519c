"""Who can be asked on a day: people who are here, with the days on which they work."""

from collections.abc import Callable, Iterable

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.figures.deadline import Asked
from kamflow.models.person import DepartmentLead, Person
from kamflow.store import calendars, families
from kamflow.store.contacts import accounts_kams
from kamflow.store.run import Run

# Groups are not nested deeper; accounts that lie below each other by mistake would be looked at for ever.
LEVELS = 8


def here(run: Run, people: Iterable[int | None]) -> dict[int, Asked]:
    """Those of these people who have not left."""
    wanted = {number for number in people if number is not None}
    rows = run.session.execute(
        select(col(Person.id))
        .where(col(Person.id).in_(wanted))
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= run.today))
    )
    present = {number for number in rows.scalars() if number is not None}
    found = calendars.of_people(run.session, present, run.company)
    return {number: Asked(number, calendar) for number, calendar in found.items()}


def kams(run: Run, accounts: Iterable[int]) -> dict[int, int]:
    """The KAM of each account; a site without one is looked after by the KAM of what it belongs to."""
    return upwards(run.session, accounts, lambda places: accounts_kams(run.session, places, run.today))


def upwards(
    session: Session, accounts: Iterable[int], find: Callable[[set[int]], dict[int, int]]
) -> dict[int, int]:
    """What is found for each account, or else for the nearest account above it."""
    at = {account: account for account in set(accounts)}  # account -> how far up the search has come
    found: dict[int, int] = {}
    for _ in range(LEVELS):
        places = set(at.values())
        known = find(places)
        found |= {account: known[place] for account, place in at.items() if place in known}
        above = families.parents(session, places)
        at = {
            account: above[place] for account, place in at.items() if account not in found and place in above
        }
        if not at:
            break
    return found


def leads(run: Run, departments: Iterable[int | None]) -> dict[int, list[int]]:
    """Department -> who leads it, the deputies last; also those who have left."""
    rows = run.session.execute(
        select(col(DepartmentLead.department_id), col(DepartmentLead.person_id))
        .where(col(DepartmentLead.department_id).in_({each for each in departments if each is not None}))
        .order_by(col(DepartmentLead.deputy), col(DepartmentLead.person_id))
    )
    found: dict[int, list[int]] = {}
    for department, person in rows:
        found.setdefault(department, []).append(person)
    return found

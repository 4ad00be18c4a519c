"""Which accounts a person has to do with, and may therefore look into."""

from datetime import date

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.models.account import Team
from kamflow.models.person import Person
from kamflow.store import families


def accounts(session: Session, person: int, today: date) -> set[int]:
    """The accounts in whose team the person is today, or whom they assist or stand in for, with all below."""
    own = select(col(Team.account_id)).where(
        col(Team.person_id).in_(_in_whose_place(session, person, today)),
        or_(col(Team.from_day).is_(None), col(Team.from_day) <= today),
        or_(col(Team.until_day).is_(None), col(Team.until_day) >= today),
    )
    teams = set(session.execute(own).scalars())
    if not teams:
        return set()
    family = families.below(teams)
    return set(session.execute(select(family.c.id)).scalars())


def _in_whose_place(session: Session, person: int, today: date) -> set[int]:
    """The person, those they assist, those they are deputy of, and of whose deputy they are deputy."""
    there = or_(col(Person.left_on).is_(None), col(Person.left_on) >= today)
    first = select(col(Person.id), col(Person.deputy_id)).where(
        or_(col(Person.assistant_id) == person, col(Person.deputy_id) == person), there
    )
    rows = session.execute(first).all()
    deputies = {number for number, deputy in rows if deputy == person}
    second = select(col(Person.id)).where(col(Person.deputy_id).in_(deputies), there)
    further = set(session.execute(second).scalars()) if deputies else set()
    return {person} | {number for number, _ in rows} | further

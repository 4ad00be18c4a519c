"""Who of ours reads an answer, by name: a customer is told before it is given."""

from datetime import date
from typing import cast

from sqlalchemy import Table, bindparam, or_, select
from sqlmodel import Session

from kamflow.models.account import Account, Team, TeamRole
from kamflow.models.person import Person

TEAM, PERSON, ACCOUNT = (
    cast("Table", model.__table__)  # pyright: ignore[reportAttributeAccessIssue]
    for model in (Team, Person, Account)
)
_TODAY = bindparam("today")
_KAMS = (
    select(PERSON.c.name)
    .join_from(TEAM, PERSON, TEAM.c.person_id == PERSON.c.id)
    .where(TEAM.c.account_id == bindparam("account"), TEAM.c.role == TeamRole.KAM.value)
    .where(or_(TEAM.c.from_day.is_(None), TEAM.c.from_day <= _TODAY))
    .where(or_(TEAM.c.until_day.is_(None), TEAM.c.until_day >= _TODAY))
    .where(or_(PERSON.c.left_on.is_(None), PERSON.c.left_on >= _TODAY))
    .order_by(TEAM.c.id)
)
_ABOVE = select(ACCOUNT.c.parent_id).where(ACCOUNT.c.id == bindparam("account"))


def kams(session: Session, account: int, today: date) -> tuple[str, ...]:
    """The names of the account's KAMs; of its group's, where it has none of its own."""
    connection, seen = session.connection(), set[int]()
    at: int | None = account
    while at is not None and at not in seen:
        seen.add(at)
        names = connection.execute(_KAMS, {"account": at, "today": today}).scalars().all()
        if names:
            return tuple(dict.fromkeys(names))
        at = connection.execute(_ABOVE, {"account": at}).scalar()
    return ()

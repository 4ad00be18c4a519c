"""Who belongs to an account, which roles a person holds, who stands in for whom."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.account import Account, Team, TeamRole
from kamflow.models.person import Person, PersonRole, Role


def roles(session: Session, person: int) -> set[str]:
    """The roles of a person."""
    query = select(col(PersonRole.role)).where(col(PersonRole.person_id) == person)
    return set(session.execute(query).scalars())


def heads(session: Session, day: date) -> list[int]:
    """The heads of KAM who have not left, by id."""
    query = (
        select(col(Person.id))
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .where(col(PersonRole.role) == Role.HEAD)
        .where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= day))
        .order_by(col(Person.id))
    )
    return [number for number in session.execute(query).scalars() if number is not None]


def lineage(session: Session, account: int) -> list[int]:
    """The account and what it belongs to, from itself up to the group."""
    found: list[int] = []
    at: int | None = account
    while at is not None and at not in found:
        found.append(at)
        row = session.get(Account, at)
        at = row.parent_id if row else None
    return found


def team(session: Session, account: int, day: date) -> dict[int, set[str]]:
    """Person -> roles on that day, the account's own people first, then those of its group."""
    above = lineage(session, account)
    query = (
        select(col(Team.account_id), col(Team.id), col(Team.person_id), col(Team.role))
        .where(col(Team.account_id).in_(above))
        .where(or_(col(Team.from_day).is_(None), col(Team.from_day) <= day))
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= day))
    )
    members: dict[int, set[str]] = {}
    for _, _, person, role in sorted(session.execute(query), key=lambda row: (above.index(row[0]), row[1])):
        members.setdefault(person, set()).add(role)
    return members


def standing_in(session: Session, people: Iterable[int]) -> set[int]:
    """Deputies, and the deputies of these."""
    first = _deputies(session, set(people))
    return first | _deputies(session, first)


def covered_by(session: Session, person: int) -> set[int]:
    """Whose deputy the person is, or the deputy of whose deputy."""
    first = _covered(session, {person})
    return (first | _covered(session, first)) - {person}


def assisting(session: Session, people: Iterable[int]) -> set[int]:
    """Assistants of these people."""
    query = select(col(Person.assistant_id)).where(col(Person.id).in_(set(people)))
    return {number for number in session.execute(query).scalars() if number is not None}


def _deputies(session: Session, people: set[int]) -> set[int]:
    query = select(col(Person.deputy_id)).where(col(Person.id).in_(people))
    return {number for number in session.execute(query).scalars() if number is not None}


def _covered(session: Session, deputies: set[int]) -> set[int]:
    query = select(col(Person.id)).where(col(Person.deputy_id).in_(deputies))
    return {number for number in session.execute(query).scalars() if number is not None}


def superiors(session: Session, people: Iterable[int]) -> dict[int, int]:
    """Person -> superior, where there is one."""
    query = select(col(Person.id), col(Person.superior_id)).where(
        col(Person.id).in_(set(people)), col(Person.superior_id).is_not(None)
    )
    return dict(session.execute(query).tuples().all())


def accounts_of_kams(session: Session, kams: Iterable[int], day: date) -> set[int]:
    """The accounts in whose team these people are KAM on that day."""
    query = select(col(Team.account_id)).where(
        col(Team.person_id).in_(set(kams)),
        col(Team.role) == TeamRole.KAM,
        or_(col(Team.from_day).is_(None), col(Team.from_day) <= day),
        or_(col(Team.until_day).is_(None), col(Team.until_day) >= day),
    )
    return set(session.execute(query).scalars())


def sharing_kam(accounts: Iterable[int]) -> Select[tuple[int]]:
    """Selects the accounts that share a KAM with some of these, today or at any time."""
    other = aliased(Team)
    return (
        select(col(Team.account_id))
        .join(other, col(other.person_id) == col(Team.person_id))
        .where(col(Team.role) == TeamRole.KAM, col(other.role) == TeamRole.KAM)
        .where(col(other.account_id).in_(set(accounts)))
    )

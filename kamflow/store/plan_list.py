"""Account plans as a list: those of some accounts, and those that wait for somebody's decision."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan, PlanState
from kamflow.nudge import subject
from kamflow.store import approvers, assigned, teams


@dataclass(frozen=True, slots=True)
class Listed:
    """One plan; `asked`: who decides about it."""

    id: int
    account: int
    name: str
    year_first: date
    year_last: date
    state: str
    hand_in_on: date | None
    submitted_at: datetime | None
    author: str | None
    imported: bool
    asked: tuple[int, ...] = ()


def of_accounts(session: Session, accounts: Collection[int] | None, today: date, limit: int) -> list[Listed]:
    """The plans of this and later fiscal years of these accounts (None: all), the last year first."""
    query = _plans().where(col(AccountPlan.year_last) >= today)
    if accounts is not None:
        query = query.where(col(AccountPlan.account_id).in_(accounts))
    order = (col(AccountPlan.year_first).desc(), col(AccountPlan.hand_in_on), col(Account.name))
    by_date = query.order_by(*order, col(AccountPlan.id))
    return [Listed(*row) for row in session.execute(by_date.limit(limit))]


def waiting(session: Session, person: int, today: date) -> list[Listed]:
    """Submitted plans a person may decide about: as who is asked, their deputy, by hand-over, or as head."""
    query = _plans().where(col(AccountPlan.state) == PlanState.SUBMITTED)
    rows = list(session.execute(query.order_by(col(AccountPlan.submitted_at), col(AccountPlan.id))))
    if not rows:
        return []
    known = approvers.load(session, {row[1] for row in rows}, today)
    in_place = teams.covered_by(session, person)
    given = assigned.plans_to_decide(session, person)
    found: list[Listed] = []
    for row in rows:
        plan = Listed(*row, asked=known.of(row[1], row[3]))
        if person in known.own(plan.account, plan.year_first):
            continue
        period = f"{plan.year_first}..{plan.year_last}"
        handed = (subject(account=plan.account), period) in given
        if handed or person in known.heads or {person, *in_place} & set(plan.asked):
            found.append(plan)
    return found


def waiting_for(session: Session, person: int, today: date) -> int:
    """How many plans wait for the person's own decision."""
    return sum(person in plan.asked for plan in waiting(session, person, today))


def _plans() -> Select[Any]:
    plan, author = AccountPlan, aliased(Person)
    return (
        select(
            col(plan.id),
            col(plan.account_id),
            col(Account.name),
            col(plan.year_first),
            col(plan.year_last),
            col(plan.state),
            col(plan.hand_in_on),
            col(plan.submitted_at),
            col(author.name),
            col(plan.imported),
        )
        .join(Account, col(Account.id) == col(plan.account_id))
        .outerjoin(author, col(author.id) == col(plan.author_id))
    )


def called(session: Session, account: int) -> dict[str, dict[int, str]]:
    """What our people are called, and the contacts of an account."""
    people = session.execute(select(col(Person.id), col(Person.name))).tuples().all()
    places = select(col(Place.contact_id)).where(col(Place.account_id) == account)
    contacts = session.execute(select(Contact).where(col(Contact.id).in_(places))).scalars()
    return {
        "person": {number: name for number, name in people if number is not None},
        "contact": {each.id: each.name for each in contacts if each.id is not None},
    }

"""What is missing before kamflow can begin in a company."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account, Team, TeamRole
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.person import Level, Person, PersonRole, Role
from kamflow.models.plan import AccountPlan
from kamflow.models.source import CompletePeriod
from kamflow.periods import fiscal_year
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import asked, calendars, own_policy, people, starting
from kamflow.store.contacts import accounts_kams

MANAGED = ("key", "major", "target")
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is missing, or (`blocks` false) to be minded; `keys` are examples."""

    code: str
    blocks: bool
    count: int
    keys: tuple[str, ...] = ()


def findings(session: Session, policy: Policy, company: Company, today: date) -> list[Finding]:
    """All that the data lacks, what blocks first."""
    found = [
        *_without_address(session, policy, today),
        *_accounts(session, policy, company, today),
        *_revenue(session),
        *_sponsors(session, policy, today),
        *_places(session, company, today),
    ]
    return sorted(found, key=lambda each: not each.blocks)


def without_kam(session: Session, policy: Policy, today: date) -> list[str]:
    """Keys of the accounts of the cycle that nobody looks after."""
    query = _managed(policy, today).where(~_in_team(today, TeamRole.KAM))
    rows = session.execute(query.with_only_columns(col(Account.id), col(Account.key)))
    keys = dict(rows.tuples().all())
    # A site is looked after by the KAM of what it belongs to.
    found = asked.upwards(session, keys, lambda places: accounts_kams(session, places, today))
    return [key for number, key in keys.items() if number not in found]


def prefer_slack(session: Session, today: date) -> list[str]:
    """Keys of the people who chose Slack."""
    query = select(col(Person.key)).where(col(Person.channel) == "slack", _stays(today))
    return list(session.execute(query.order_by(col(Person.key))).scalars())


def _finding(code: str, keys: Iterable[str], *, blocks: bool = True) -> Iterator[Finding]:
    named = list(keys)
    if named:
        yield Finding(code, blocks, len(named), tuple(named[:SHOWN]))


def surveyed(session: Session, policy: Policy, today: date) -> bool:
    """Whether any account has surveys."""
    row = Account
    query = select(col(row.id), col(row.account_class)).where(
        col(row.account_class).is_not(None), *_open(today)
    )
    if policy.starting.pilot:
        query = query.where(col(row.key).in_(policy.starting.pilot))
    known = own_policy.load(session, policy, today)
    rows = session.execute(query).tuples()
    return any(found in known.of(number).survey_dispatch.classes for number, found in rows)


def _without_address(session: Session, policy: Policy, today: date) -> Iterator[Finding]:
    concerned = starting.concerned(session, policy.starting, today)
    rows = session.execute(
        select(col(Person.key))
        .where(col(Person.id).in_(concerned), col(Person.email).is_(None), col(Person.slack_id).is_(None))
        .where(_stays(today))
        .order_by(col(Person.key))
    )
    yield from _finding("no_address", rows.scalars())
    heads = session.execute(
        select(func.count())
        .select_from(PersonRole)
        .join(Person, col(Person.id) == col(PersonRole.person_id))
        .where(col(PersonRole.role) == Role.HEAD, _stays(today))
    )
    if not heads.scalar_one():
        yield Finding("no_head", True, 1)


def _accounts(session: Session, policy: Policy, company: Company, today: date) -> Iterator[Finding]:
    managed = _managed(policy, today)
    key = managed.where(col(Account.account_class).in_(policy.plan_creation.key_classes))
    year = fiscal_year(today, company.fiscal_year_start, company.fiscal_year_changes)
    target = (
        select(col(ContactTarget.id))
        .join(Place, col(Place.id) == col(ContactTarget.place_id))
        .where(col(Place.account_id) == col(Account.id), col(ContactTarget.period_last) >= today)
    )
    plan = select(col(AccountPlan.id)).where(
        col(AccountPlan.account_id) == col(Account.id), col(AccountPlan.year_last) >= year.last
    )
    if not session.execute(managed.limit(1)).first():
        yield Finding("no_accounts", True, 1)
    yield from _finding("no_kam", without_kam(session, policy, today))
    yield from _finding("no_targets", session.execute(key.where(~target.exists())).scalars())
    yield from _finding("no_plan", session.execute(key.where(~plan.exists())).scalars())
    known = set(session.execute(select(col(Account.key))).scalars())
    yield from _finding("unknown_pilot", (each for each in policy.starting.pilot if each not in known))


def _revenue(session: Session) -> Iterator[Finding]:
    complete = select(func.count()).select_from(CompletePeriod).where(col(CompletePeriod.kind) == "revenue")
    if not session.execute(complete).scalar_one():
        yield Finding("no_revenue_complete", True, 1)


def _sponsors(session: Session, policy: Policy, today: date) -> Iterator[Finding]:
    """Patronage is for key accounts, and for few of them."""
    rows = session.execute(
        select(col(Person.key), col(Person.level), col(Account.key), col(Account.account_class))
        .join(Team, col(Team.person_id) == col(Person.id))
        .join(Account, col(Account.id) == col(Team.account_id))
        .where(col(Team.role) == TeamRole.SPONSOR, *_holds(today), *_open(today))
        .order_by(col(Person.key), col(Account.key))
    ).all()
    held: dict[tuple[str, str], int] = {}
    for person, level, _, _ in rows:
        held[person, level] = held.get((person, level), 0) + 1
    most = {Level.BOARD: policy.sponsors.accounts_board, Level.SECOND: policy.sponsors.accounts_second}
    many = [who for (who, level), count in held.items() if count > most.get(Level(level), count)]
    yield from _finding("sponsor_many", many, blocks=False)
    other = [key for _, _, key, kind in rows if kind not in policy.sponsors.classes]
    yield from _finding("sponsor_not_key", dict.fromkeys(other), blocks=False)


def _places(session: Session, company: Company, today: date) -> Iterator[Finding]:
    """Whoever lives where nobody knows the holidays has those of the company."""
    unknown = people.load(session, company, today, today).unknown_places
    query = select(col(Person.key)).where(col(Person.id).in_(unknown)).order_by(col(Person.key))
    yield from _finding("unknown_region_person", session.execute(query).scalars(), blocks=False)
    rows = session.execute(
        select(col(Account.key), col(Account.country), col(Account.region))
        .where(*_open(today))
        .order_by(col(Account.key))
    )
    odd = (
        key
        for key, country, region in rows
        if not (country and calendars.at_place(company, country, region, "12345"))
    )
    yield from _finding("unknown_region_account", odd, blocks=False)


def _managed(policy: Policy, today: date) -> Select[Any]:
    query = select(col(Account.key)).where(col(Account.account_class).in_(MANAGED), *_open(today))
    if policy.starting.pilot:
        query = query.where(col(Account.key).in_(policy.starting.pilot))
    return query.order_by(col(Account.key))


def _in_team(today: date, role: str) -> Any:
    return (
        select(col(Team.id))
        .join(Person, col(Person.id) == col(Team.person_id))
        .where(col(Team.account_id) == col(Account.id), col(Team.role) == role, *_holds(today), _stays(today))
        .exists()
    )


def _open(today: date) -> tuple[Any, ...]:
    return (or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today),)


def _holds(today: date) -> tuple[Any, ...]:
    return (
        or_(col(Team.from_day).is_(None), col(Team.from_day) <= today),
        or_(col(Team.until_day).is_(None), col(Team.until_day) >= today),
    )


def _stays(today: date) -> Any:
    return or_(col(Person.left_on).is_(None), col(Person.left_on) >= today)

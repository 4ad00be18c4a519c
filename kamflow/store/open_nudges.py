"""Open nudges as their person sees them, and as sums for everybody else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.models.account import Account
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person

# Below that many people a sum says something about one of them (works council).
ENOUGH_PEOPLE = 5

_RESPONSIBLE = func.coalesce(col(StoredNudge.assignee_id), col(StoredNudge.owner_id))


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One open nudge. `person` is responsible for it; names and keys as they are now."""

    id: int
    rule: str
    step: str
    stage: str
    account: str | None
    account_name: str | None
    person: str
    person_name: str
    since: date
    due_on: date
    urgency: str
    weight: float
    closes_by: str
    snoozed_until: date | None
    quiet_until: date | None


@dataclass(frozen=True, slots=True)
class Sum:
    """How many nudges of a rule are open; None where fewer than five people stand behind the figure."""

    rule: str
    open: int | None
    overdue: int | None


def of_people(session: Session, people: Iterable[int] | None, account: int | None = None) -> list[OpenItem]:
    """What these people (None: all) own or were given, what is due first in front."""
    query = (
        select(StoredNudge, col(Account.key), col(Account.name), col(Person.key), col(Person.name))
        .join(Person, col(Person.id) == _RESPONSIBLE)
        .outerjoin(Account, col(Account.id) == col(StoredNudge.account_id))
        .where(col(StoredNudge.closed_at).is_(None))
        .order_by(col(StoredNudge.due_on), col(StoredNudge.weight).desc(), col(StoredNudge.id))
    )
    if people is not None:
        wanted = set(people)
        query = query.where(
            or_(col(StoredNudge.owner_id).in_(wanted), col(StoredNudge.assignee_id).in_(wanted))
        )
    if account is not None:
        query = query.where(col(StoredNudge.account_id) == account)
    return [_item(*row) for row in session.execute(query)]


def sums(session: Session, today: date, account: int | None = None) -> list[Sum]:
    """Open and overdue nudges by rule, and what is not told where too few people are behind it."""
    who, late = _RESPONSIBLE.label("who"), (col(StoredNudge.due_on) < today).label("late")
    query = select(col(StoredNudge.rule), who, late, func.count()).where(col(StoredNudge.closed_at).is_(None))
    if account is not None:
        query = query.where(col(StoredNudge.account_id) == account)
    rows = session.execute(query.group_by(col(StoredNudge.rule), who, late)).all()
    return [
        Sum(
            rule,
            _told((person, count) for named, person, _, count in rows if named == rule),
            _told((person, count) for named, person, late, count in rows if named == rule and late),
        )
        for rule in sorted({row[0] for row in rows})
    ]


def _told(counts: Iterable[tuple[int, int]]) -> int | None:
    known = list(counts)
    people = {person for person, _ in known}
    return sum(count for _, count in known) if len(people) >= ENOUGH_PEOPLE else None


def _item(
    nudge: StoredNudge, account: str | None, account_name: str | None, person: str, person_name: str
) -> OpenItem:
    return OpenItem(
        id=nudge.id or 0,
        rule=nudge.rule,
        step=nudge.step,
        stage=nudge.stage,
        account=account,
        account_name=account_name,
        person=person,
        person_name=person_name,
        since=nudge.since,
        due_on=nudge.due_on,
        urgency=nudge.urgency,
        weight=nudge.weight,
        closes_by=nudge.closes_by,
        snoozed_until=nudge.snoozed_until,
        quiet_until=nudge.quiet_until,
    )

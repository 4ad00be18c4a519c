"""What was handed over to somebody: who was given a nudge may do what it asks for."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.nudge import StoredNudge
from kamflow.periods import Period


def holds(
    session: Session,
    person: int,
    rule: str,
    account: int,
    *,
    steps: Collection[str] = (),
    period: Period | str | None = None,
) -> bool:
    """Tell whether an open nudge of the rule about the account was handed over to the person."""
    query = select(col(StoredNudge.id)).where(
        col(StoredNudge.rule) == rule,
        col(StoredNudge.account_id) == account,
        col(StoredNudge.assignee_id) == person,
        col(StoredNudge.closed_at).is_(None),
    )
    if steps:
        query = query.where(col(StoredNudge.step).in_(steps))
    if period is not None:
        query = query.where(col(StoredNudge.period) == str(period))
    return session.execute(query.limit(1)).first() is not None


def plans_to_decide(session: Session, person: int) -> set[tuple[str, str]]:
    """Subject and period of the plans whose approval was handed over to the person."""
    query = select(col(StoredNudge.subject), col(StoredNudge.period)).where(
        col(StoredNudge.rule) == "plan_creation",
        col(StoredNudge.step) == "approve",
        col(StoredNudge.assignee_id) == person,
        col(StoredNudge.closed_at).is_(None),
    )
    return set(session.execute(query).tuples().all())

"""What belongs to an account's KAM, moved to a successor from a day on."""

from datetime import date, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, func, or_, select, update
from sqlmodel import Session, col

from kamflow.models.account import Team, TeamRole
from kamflow.models.contact import ContactTarget, Place
from kamflow.models.interaction import Encounter, Interaction, InteractionState
from kamflow.models.plan import AccountPlan, Measure, OpenQuestion, PlanState

_DAY = timedelta(days=1)


def team(session: Session, account: int, to: int, on: date) -> None:
    """End the KAM's place in the team on the day before, and begin the successor's."""
    rows = session.execute(
        select(Team)
        .where(col(Team.account_id) == account, col(Team.role) == TeamRole.KAM)
        .where(or_(col(Team.until_day).is_(None), col(Team.until_day) >= on))
    ).scalars()
    for row in rows:
        row.until_day = on - _DAY
    same = select(Team).where(
        col(Team.account_id) == account,
        col(Team.person_id) == to,
        col(Team.role) == TeamRole.KAM,
        col(Team.from_day) == on,
    )
    again = session.execute(same).scalars().first()
    if again is not None:
        again.until_day = None
    else:
        session.add(Team(person_id=to, account_id=account, role=TeamRole.KAM, from_day=on))
    session.flush()


def targets(session: Session, account: int, before: int, to: int, on: date) -> list[dict[str, int]]:
    """Move what is still to come of the contact plan; what was held stays with who held it.

    Of a period that is running the successor gets what is missing, so that the Soll of both together is the
    one that was planned. Where the successor meets the contact anyway, the larger Soll counts.
    """
    target = ContactTarget
    rows = session.execute(
        select(target)
        .join(Place, col(Place.id) == col(target.place_id))
        .where(col(Place.account_id) == account, col(target.person_id) == before)
        .where(col(target.period_last) >= on)
        .where(or_(col(target.until_day).is_(None), col(target.until_day) >= on))
        .order_by(col(target.id))
    )
    return [_moved(session, row, to, on) for row in rows.scalars().all()]


def _moved(session: Session, row: ContactTarget, to: int, on: date) -> dict[str, int]:
    theirs = session.execute(
        select(ContactTarget).where(
            col(ContactTarget.person_id) == to,
            col(ContactTarget.place_id) == row.place_id,
            col(ContactTarget.period_first) == row.period_first,
            col(ContactTarget.period_last) == row.period_last,
        )
    ).scalar_one_or_none()
    first = row.from_day or row.period_first
    if first >= on and theirs is None:
        row.person_id = to
        session.flush()
        return {"target": row.id or 0, "soll": row.soll, "left": 0}
    missing = row.soll if first >= on else max(0, row.soll - _made(session, row, first, on - _DAY))
    until, row.soll, row.until_day = row.until_day, row.soll - missing, max(first, on - _DAY)
    if theirs is None:
        theirs = ContactTarget(
            person_id=to,
            place_id=row.place_id,
            period_first=row.period_first,
            period_last=row.period_last,
            soll=missing,
            topic=row.topic,
            from_day=on,
            until_day=until,
        )
        session.add(theirs)
    else:
        theirs.soll = max(theirs.soll, missing)
    session.flush()
    return {"target": theirs.id or 0, "soll": theirs.soll, "left": row.soll}


def _made(session: Session, row: ContactTarget, first: date, last: date) -> int:
    """Days on which the pair met or is to meet in these days."""
    made = session.execute(
        select(func.count(col(Interaction.day).distinct()))
        .join(Encounter, col(Encounter.interaction_id) == col(Interaction.id))
        .join(Place, col(Place.contact_id) == col(Encounter.contact_id))
        .where(col(Place.id) == row.place_id, col(Encounter.person_id) == row.person_id)
        .where(col(Interaction.state).in_((InteractionState.HELD, InteractionState.BOOKED)))
        .where(col(Interaction.day) >= first, col(Interaction.day) <= last)
    )
    return made.scalar_one()


def tasks(session: Session, account: int, before: int, to: int, on: date, today: date) -> dict[str, int]:
    """Move open measures, open questions and the plans in work; how many of each.

    What is due before a hand-over that is still to come stays with who has it.
    """
    since = on if on > today else date.min
    plan, measure, question = AccountPlan, Measure, OpenQuestion
    in_work = (PlanState.DRAFT, PlanState.RETURNED, PlanState.SUBMITTED)
    moves: dict[str, Any] = {
        "measures": update(measure)
        .where(col(measure.account_id) == account, col(measure.owner_id) == before)
        .where(col(measure.done_on).is_(None))
        .where(or_(col(measure.due_on).is_(None), col(measure.due_on) >= since))
        .values(owner_id=to),
        "questions": update(question)
        .where(col(question.account_id) == account, col(question.owner_id) == before)
        .where(col(question.answered_on).is_(None))
        .where(or_(col(question.due_on).is_(None), col(question.due_on) >= since))
        .values(owner_id=to),
        "plans": update(plan)
        .where(col(plan.account_id) == account, col(plan.author_id) == before)
        .where(col(plan.state).in_(in_work))
        .where(or_(col(plan.hand_in_on).is_(None), col(plan.hand_in_on) >= since))
        .values(author_id=to),
    }
    counts = {name: cast("CursorResult[Any]", session.execute(move)).rowcount for name, move in moves.items()}
    session.expire_all()
    return counts

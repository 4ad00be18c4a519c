"""Account plans as they stand: sections filled, steps done, questions open."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.figures import plan_dates
from kamflow.figures.plan_progress import Plan
from kamflow.models.nudge import StepDone
from kamflow.models.plan import AccountPlan, OpenQuestion, PlanMilestone, PlanSection
from kamflow.nudge import subject
from kamflow.periods import Period


def plans(
    session: Session, ids: Iterable[int], years: tuple[Period, ...], zone: str
) -> dict[tuple[int, date], Plan]:
    """Plans of these accounts and fiscal years, by account and first day of the year."""
    rows = list(
        session.execute(
            select(AccountPlan)
            .where(col(AccountPlan.account_id).in_(set(ids)))
            .where(col(AccountPlan.year_first).in_([year.first for year in years]))
        ).scalars()
    )
    numbers = {row.id for row in rows if row.id is not None}
    steps, filled, questions = (
        _steps(session, numbers),
        _filled(session, numbers),
        _questions(session, numbers),
    )
    words = _words(session, rows)
    return {
        (row.account_id, row.year_first): Plan(
            state=row.state,
            hand_in=row.hand_in_on,
            milestones={step: due for step, due, _ in steps[row.id or 0]},
            filled=frozenset(filled[row.id or 0]),
            steps_by_word=frozenset(step for step, _, done in steps[row.id or 0] if done)
            | words[row.id or 0],
            questions=tuple(questions[row.id or 0]),
            submitted_on=_day(row.submitted_at, zone),
            decided_on=_day(row.decided_at, zone),
            form="short" if row.form == "short" else "key",
            number=row.id,
        )
        for row in rows
    }


def _day(at: datetime | None, zone: str) -> date | None:
    return at.astimezone(ZoneInfo(zone)).date() if at else None


def _steps(session: Session, plans: set[int]) -> defaultdict[int, list[tuple[int, date, date | None]]]:
    found: defaultdict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
    for row in session.execute(select(PlanMilestone).where(col(PlanMilestone.plan_id).in_(plans))).scalars():
        found[row.plan_id].append((row.step, row.due_on, row.done_on))
    return found


def _filled(session: Session, plans: set[int]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = session.execute(
        select(col(PlanSection.plan_id), col(PlanSection.number)).where(
            col(PlanSection.plan_id).in_(plans), col(PlanSection.filled_on).is_not(None)
        )
    )
    for plan, number in rows:
        found[plan].append(number)
    return found


def _questions(session: Session, plans: set[int]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = session.execute(
        select(col(OpenQuestion.plan_id), col(OpenQuestion.id))
        .where(col(OpenQuestion.plan_id).in_(plans), col(OpenQuestion.answered_on).is_(None))
        .order_by(col(OpenQuestion.id))
    )
    for plan, number in rows:
        found[plan].append(number)
    return found


def _words(session: Session, plans: Iterable[AccountPlan]) -> defaultdict[int, frozenset[int]]:
    """Steps whose nudge was answered with Done."""
    steps = {"position": plan_dates.POSITION, "measures": plan_dates.MEASURES}
    asked = {
        f"plan_creation:{subject(account=plan.account_id)}:{plan.year_first}..{plan.year_last}:{name}": (
            plan.id or 0,
            step,
        )
        for plan in plans
        for name, step in steps.items()
    }
    said: defaultdict[int, frozenset[int]] = defaultdict(frozenset)
    rows = session.execute(select(col(StepDone.identity)).where(col(StepDone.identity).in_(asked)))
    for identity in rows.scalars():
        plan, step = asked[identity]
        said[plan] |= {step}
    return said

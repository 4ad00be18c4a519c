"""The effect `create_plan`: a draft with its sections and the seven steps as milestones."""

from datetime import date

from sqlalchemy import insert, select
from sqlmodel import col

from kamflow.models.plan import AccountPlan, PlanMilestone, PlanSection
from kamflow.nudge import Effect
from kamflow.periods import Period
from kamflow.store import events
from kamflow.store.run import Run


def create_plan(run: Run, effect: Effect) -> None:
    """Create the draft and fix its dates; a plan that someone imported meanwhile is left alone."""
    year = Period.parse(effect.period)
    query = select(col(AccountPlan.id)).where(
        col(AccountPlan.account_id) == effect.account, col(AccountPlan.year_first) == year.first
    )
    if effect.account is None or run.session.execute(query).first():
        return
    facts = effect.facts
    plan = AccountPlan(
        account_id=effect.account,
        year_first=year.first,
        year_last=year.last,
        form=facts["form"],
        author_id=facts["author"],
        start_on=date.fromisoformat(facts["start"]),
        hand_in_on=date.fromisoformat(facts["hand_in"]),
    )
    run.session.add(plan)
    run.session.flush()
    run.session.execute(
        insert(PlanSection),
        [{"plan_id": plan.id, "number": number, "version": 1} for number in facts["sections"]],
    )
    run.session.execute(
        insert(PlanMilestone),
        [
            {"plan_id": plan.id, "step": int(step), "due_on": date.fromisoformat(day)}
            for step, day in facts["milestones"].items()
        ],
    )
    events.record(run.session, "plan.created", run.now, account=effect.account, plan=plan.id)

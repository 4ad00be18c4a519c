"""Account plans are written in seven steps, handed in before the budget, and decided.

In the customer's words: "Key accounts get the ten categories, major and target accounts the short form.
Start on 1 July, hand in by 31 October or four weeks before the annual meeting. Whoever has several plans
hands in one a week, the heaviest customer first. Tell the own position, the measures and the hand-in, name
what is still empty, and give the boss two weeks to say yes."
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple

from kamflow.figures import plan_dates as dates
from kamflow.figures.plan_entries import entries, first_entry
from kamflow.figures.plan_progress import Form, PlanFacts, done, form_of, missing, sections
from kamflow.nudge import Decision, Effect, Nudge, Silence, subject
from kamflow.periods import quarters
from kamflow.policy import Policy
from kamflow.thresholds import PlanCreation

RULE = "plan_creation"
WEIGHT: dict[Form, float] = {"key": 60.0, "short": 30.0}


@dataclass(frozen=True, slots=True)
class _Task:
    """A plan that is being written, with its dates."""

    fact: PlanFacts
    kam: int
    form: Form
    hand_in: date
    milestones: dict[int, date]


class _Ask(NamedTuple):
    """What is asked of the author of a plan, and what closes it."""

    step: str
    since: date
    due_on: date
    threshold: str
    closes: str
    closes_by: Literal["facts", "word"]
    stage: str = ""


def decide(facts: Iterable[PlanFacts], today: date, policy: Policy) -> Decision:
    """Nudges for plans in work or waiting for approval; drafts for those that start; calendar entries."""
    nudges: list[Nudge] = []
    known = list(facts)
    effects = [each for fact in known for each in entries(fact, today, policy.of(fact.account).plan_creation)]
    for task in _tasks(known, policy):
        rule = policy.of(task.fact.account).plan_creation
        state = task.fact.plan.state if task.fact.plan else "draft"
        if _mute(task.fact, today, rule):
            continue
        if task.fact.plan is None:
            effects += (_create(task, rule), *first_entry(task.fact, task.hand_in, rule))
        if state in ("draft", "returned"):
            nudges += _writing(task, state, today, rule)
        elif state == "submitted":
            nudges += _deciding(task, rule)
    return Decision(tuple(nudges), tuple(effects))


def silent(facts: Iterable[PlanFacts], today: date, policy: Policy) -> Iterator[Silence]:
    """Why nothing is asked about a plan, and from when it would be."""
    for fact in facts:
        rule = policy.of(fact.account).plan_creation
        if not fact.closed and (reason := _mute(fact, today, rule)):
            begin = dates.start(fact.year, rule)
            yield Silence(
                RULE,
                subject(account=fact.account),
                fact.account,
                reason,
                figures={"year": str(fact.year), "start": begin.isoformat()},
                until=begin if reason == "not_started" else None,
            )


def _mute(fact: PlanFacts, today: date, policy: PlanCreation) -> str | None:
    """The reason to stay silent, or None."""
    if fact.form is None:
        return "no_plan_for_class"
    if fact.kam is None:
        return "no_kam"
    if today > fact.year.last:
        return "lapsed"
    return _mute_draft(fact, today, policy) if fact.plan is None else _mute_plan(fact)


def _mute_draft(fact: PlanFacts, today: date, policy: PlanCreation) -> str | None:
    if today < dates.start(fact.year, policy):
        return "not_started"
    # Late in the year a first plan is of no use any more: the next one is near.
    return "year_begun" if today > quarters(fact.year)[0].last else None


def _mute_plan(fact: PlanFacts) -> str | None:
    state = fact.plan.state if fact.plan else None
    if state == "approved":
        return "approved"
    return "no_approver" if state == "submitted" and fact.approver is None else None


def _tasks(facts: Iterable[PlanFacts], policy: Policy) -> Iterator[_Task]:
    by_kam: defaultdict[int, list[PlanFacts]] = defaultdict(list)
    for fact in facts:
        if fact.kam is not None and fact.form is not None:
            by_kam[fact.kam].append(fact)
    for kam, own in by_kam.items():
        orders = [_order(fact, policy) for fact in own if fact.plan is None or fact.plan.hand_in]
        hand_ins = dates.hand_ins(orders, own[0].calendar, own[0].quiet, own[0].begun)
        for fact in own:
            # An imported plan has no hand-in date; only its approval can be open.
            hand_in = hand_ins.get((fact.account, fact.year), fact.year.first)
            steps = fact.plan.milestones if fact.plan else {}
            start = dates.start(fact.year, policy.of(fact.account).plan_creation)
            begin = max(start, fact.begun or date.min)
            steps = steps or dates.milestones(min(begin, hand_in), hand_in, fact.calendar)
            yield _Task(fact, kam, form_of(fact) or "key", hand_in, steps)


def _order(fact: PlanFacts, policy: Policy) -> dates.Order:
    fixed, rule = fact.plan.hand_in if fact.plan else None, policy.of(fact.account).plan_creation
    return dates.Order(fact.account, fact.year, fact.meeting, fact.heaviness, fixed, rule)


def _writing(task: _Task, state: str, today: date, policy: PlanCreation) -> Iterator[Nudge]:
    yield _hand_in(task, state, policy)
    finished = done(task.fact, policy)
    for name, step in (("position", dates.POSITION), ("measures", dates.MEASURES)):
        since = task.milestones[step - 1]
        if step not in finished and today >= since:
            due = _when_back(task, task.milestones[step])
            ask = _Ask(name, since, due, "milestone", "step", "word")
            yield _nudge(task, ask, policy)


def _when_back(task: _Task, due: date) -> date:
    """An absence entered after a date was fixed stops the clock: due on the first day back."""
    return task.fact.calendar.on_or_after(due)


def _hand_in(task: _Task, state: str, policy: PlanCreation) -> Nudge:
    since, stage = dates.start(task.fact.year, policy), "work"
    due = _when_back(task, task.hand_in)
    returned = task.fact.plan.decided_on if task.fact.plan and state == "returned" else None
    if returned is not None:
        since, stage = returned, "returned"
        due = max(due, task.fact.calendar.add(returned, policy.revise))
    return _nudge(task, _Ask("hand_in", since, due, "hand_in", "submitted", "facts", stage), policy)


def _nudge(task: _Task, ask: _Ask, policy: PlanCreation) -> Nudge:
    return Nudge(
        rule=RULE,
        subject=subject(account=task.fact.account),
        period=str(task.fact.year),
        step=ask.step,
        account=task.fact.account,
        owner=task.kam,
        since=ask.since,
        due_on=ask.due_on,
        facts=_facts(task, policy),
        why=_why(ask.threshold, ask.closes, policy),
        group=f"{RULE}:{subject(person=task.kam)}",
        weight=WEIGHT[task.form],
        stage=ask.stage,
        closes_by=ask.closes_by,
    )


def _deciding(task: _Task, policy: PlanCreation) -> Iterator[Nudge]:
    plan, approver = task.fact.plan, task.fact.approver
    if plan is None or plan.submitted_on is None or approver is None:
        return
    calendar = task.fact.approver_calendar or task.fact.calendar
    yield Nudge(
        rule=RULE,
        subject=subject(account=task.fact.account),
        period=str(task.fact.year),
        step="approve",
        account=task.fact.account,
        owner=approver,
        since=plan.submitted_on,
        due_on=calendar.add(plan.submitted_on, policy.approval),
        facts=_facts(task, policy),
        why=_why("approval", "decided", policy),
        group=f"{RULE}:approve:{subject(person=approver)}",
        weight=WEIGHT[task.form],
    )


def _why(threshold: str, closes: str, policy: PlanCreation) -> dict[str, Any]:
    days = {"hand_in": policy.budget_before, "milestone": len(dates.STEPS), "approval": policy.approval}
    return {
        "threshold": threshold,
        "days": days[threshold],
        "closes": closes,
        "next": "head",
        "next_after": policy.head_after,
    }


def _facts(task: _Task, policy: PlanCreation) -> dict[str, Any]:
    plan, finished = task.fact.plan, done(task.fact, policy)
    state = plan.state if plan else "draft"
    step = next((step for step in dates.STEPS if step not in finished), dates.STEPS[-1])
    kind, limit_on = dates.limit(task.fact.year, task.fact.meeting, task.fact.calendar, policy)
    return {
        "year": {"first": task.fact.year.first.isoformat(), "last": task.fact.year.last.isoformat()},
        "form": task.form,
        "hand_in": task.hand_in.isoformat(),
        "limit": kind,
        "limit_on": limit_on.isoformat(),
        "steps_done": list(finished),
        "step": step,
        "step_due": task.milestones[step].isoformat(),
        "missing": list(missing(plan.filled if plan else frozenset(), sections(task.form, policy))),
        "questions": list(plan.questions) if plan else [],
        "returned_on": plan.decided_on.isoformat()
        if plan and state == "returned" and plan.decided_on
        else None,
        "submitted_on": plan.submitted_on.isoformat() if plan and plan.submitted_on else None,
        "author": task.kam,
    }


def _create(task: _Task, policy: PlanCreation) -> Effect:
    return Effect(
        name="create_plan",
        subject=subject(account=task.fact.account),
        period=str(task.fact.year),
        step="draft",
        account=task.fact.account,
        facts={
            "form": task.form,
            "author": task.kam,
            "start": dates.start(task.fact.year, policy).isoformat(),
            "hand_in": task.hand_in.isoformat(),
            "sections": list(sections(task.form, policy)),
            "milestones": {str(step): day.isoformat() for step, day in task.milestones.items()},
        },
    )

"""How far an account plan has come: which categories are filled, which of the seven steps are done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from kamflow.figures.plan_dates import STEPS
from kamflow.periods import Period
from kamflow.thresholds import PlanCreation
from kamflow.workdays import Calendar, Quiet

Form = Literal["key", "short"]
# Which categories a step fills; the management summary (1) is written last.
STEP_SECTIONS: Mapping[int, tuple[int, ...]] = {
    1: (2, 3),
    2: (7,),
    3: (6,),
    4: (4, 5),
    5: (8,),
    6: (9,),
    7: (10, 1),
}


class Entry(NamedTuple):
    """A person's calendar entries for one plan: how many were made, the day the last one told (None where it
    was taken back), and the day of the one the person has."""

    made: int = 0
    told: date | None = None
    invited: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan as it stands. Section numbers are those that have something in them. A plan keeps the
    form it was started with, whatever becomes of the account's class; None: that of the class."""

    state: str
    hand_in: date | None
    milestones: dict[int, date]
    filled: frozenset[int] = frozenset()
    steps_by_word: frozenset[int] = frozenset()
    questions: tuple[int, ...] = ()
    submitted_on: date | None = None
    decided_on: date | None = None
    form: Form | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """One account and the fiscal year to plan. `heaviness` orders one KAM's accounts; `begun` is the day
    on which kamflow went live; `entries` are the calendar entries for its hand-in, by person. Of a `closed`
    account only those are of interest."""

    account: int
    year: Period
    form: Form | None
    kam: int | None
    approver: int | None
    calendar: Calendar
    approver_calendar: Calendar | None
    quiet: Quiet
    heaviness: float = 0.0
    meeting: date | None = None
    plan: Plan | None = None
    begun: date | None = None
    entries: Mapping[int, Entry] = field(default_factory=dict)
    closed: bool = False


def sections(form: Form, policy: PlanCreation) -> tuple[int, ...]:
    """The categories of a form."""
    return policy.key_sections if form == "key" else policy.short_sections


def done(fact: PlanFacts, policy: PlanCreation) -> Sequence[int]:
    """The steps done so far; none where there is no plan yet."""
    form = form_of(fact)
    if fact.plan is None or form is None:
        return ()
    return steps_done(fact.plan.filled, fact.plan.steps_by_word, frozenset(sections(form, policy)))


def form_of(fact: PlanFacts) -> Form | None:
    """The form of the plan, or of the one to be made."""
    return (fact.plan.form if fact.plan else None) or fact.form


def steps_done(filled: frozenset[int], by_word: frozenset[int], sections: frozenset[int]) -> tuple[int, ...]:
    """The steps whose categories of this form are all filled, or that are done by word.

    A step without a category in the form (the short one) is done together with the next step.
    """
    done: list[int] = []
    next_done = False
    for step in reversed(STEPS):
        wanted = sections & frozenset(STEP_SECTIONS[step])
        next_done = step in by_word or (wanted <= filled if wanted else next_done)
        if next_done:
            done.append(step)
    return tuple(reversed(done))


def missing(filled: frozenset[int], sections: Iterable[int]) -> tuple[int, ...]:
    """The categories still empty in the order in which they are written, the summary last."""
    order = [number for step in STEPS for number in STEP_SECTIONS[step]]
    return tuple(sorted(set(sections) - filled, key=order.index))

"""The day on which a plan is handed in, as an entry in its author's calendar.

effect    step             subject         when
calendar  hand_in          account+person  the hand-in is fixed, or moves, while the KAM writes
calendar  hand_in_dropped  account+person  who has an entry still to come is no longer asked for the plan

Facts: person, day, method (request | cancel), year {first, last}. The key carries how many
entries there were for this person and plan before, as that of a meeting does: a plan that comes back to
somebody is entered again. The day is the one that was fixed, an absence entered later does not move it; a
returned plan has the day of its revision, if that is later.

A plan that was handed in or decided keeps its entry: that it is done is seen in kamflow, and an entry taken
back would look as if the plan were not wanted. Dropped are those of closed accounts, of a class without a
plan, of another KAM by now, and all where entries are switched off (`calendar`).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from kamflow.figures.plan_progress import Entry, PlanFacts
from kamflow.nudge import Effect, subject
from kamflow.thresholds import PlanCreation

WRITTEN = ("draft", "returned")
NONE = Entry()
# Entries that one person is sent in a morning.
A_MORNING = 2


def entries(fact: PlanFacts, today: date, policy: PlanCreation) -> Iterator[Effect]:
    """Entries for the KAM, and what takes those of others back."""
    if fact.plan is None:
        return
    author, day = _author(fact, policy), entry_day(fact, policy)
    for person, entry in sorted(fact.entries.items()):
        if person != author and entry.invited is not None and entry.invited >= today:
            yield _effect(fact, person, entry.invited, cancel=True)
    if author is None or day is None or day < today or fact.plan.state not in WRITTEN:
        return
    if fact.entries.get(author, NONE).told != day:
        yield _effect(fact, author, day, cancel=False)


def first_entry(fact: PlanFacts, day: date, policy: PlanCreation) -> Iterator[Effect]:
    """The entry of a plan that is drafted now. Drafted late it is written all the same and not sent, so that
    a night that was missed ends in the same state."""
    if (author := _author(fact, policy)) is not None:
        yield _effect(fact, author, day, cancel=False)


def entry_day(fact: PlanFacts, policy: PlanCreation) -> date | None:
    """The day that was fixed; of a plan that was sent back that of its revision, if it is later."""
    plan = fact.plan
    if plan is None or plan.hand_in is None:
        return None
    if plan.state != "returned" or plan.decided_on is None:
        return plan.hand_in
    return max(plan.hand_in, fact.calendar.add(plan.decided_on, policy.revise))


def spread(
    days: Sequence[date], mornings: Sequence[date], taken: Mapping[date, int], soon: date
) -> list[date]:
    """The morning on which the entry of each of these hand-ins leaves: the nearest hand-in first, few a
    morning, and at once those up to the day `soon`. `taken`: entries that leave on a morning already."""
    filled = Counter(dict(taken))
    leaves: dict[int, date] = {}
    for number in sorted(range(len(days)), key=lambda each: (days[each], each)):
        free = (each for each in mornings if filled[each] < A_MORNING)
        morning = mornings[0] if days[number] <= soon else next(free, mornings[-1])
        filled[morning] += 1
        leaves[number] = morning
    return [leaves[number] for number in range(len(days))]


def _author(fact: PlanFacts, policy: PlanCreation) -> int | None:
    """Whose calendar it stands in; nobody's where no plan is asked for any more."""
    asked = policy.calendar and not fact.closed and fact.form is not None
    return fact.kam if asked else None


def _effect(fact: PlanFacts, person: int, day: date, *, cancel: bool) -> Effect:
    facts = {
        "person": person,
        "day": day.isoformat(),
        "method": "cancel" if cancel else "request",
        "year": {"first": fact.year.first.isoformat(), "last": fact.year.last.isoformat()},
    }
    ids = subject(account=fact.account, person=person)
    step = "hand_in_dropped" if cancel else "hand_in"
    made = fact.entries.get(person, NONE).made
    return Effect("calendar", ids, str(fact.year), step, fact.account, facts, made)

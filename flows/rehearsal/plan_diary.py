"""The days of `plan_creation`: the start, the milestones, the ends of years, and whenever a plan changed.

The plans of one person that are still to be created are placed together; those that exist have their dates.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from flows.rehearsal import edges
from flows.rehearsal.diary import Agenda
from kamflow.figures import plan_dates
from kamflow.figures.plan_progress import PlanFacts
from kamflow.nudge import Decision
from kamflow.periods import quarters
from kamflow.rules import plan_creation as rule
from kamflow.store import plans, scope
from kamflow.store.run import NO_ACCOUNT, Accounts, Run
from kamflow.thresholds import PlanCreation

_DAY = timedelta(days=1)


class PlanDiary:
    """Keeps the facts of every account, reads anew what changed, and knows when to look again."""

    def __init__(self) -> None:
        self._agenda = Agenda()
        self._facts: dict[int, list[PlanFacts]] = {}
        self._edges: edges.Edges = {}
        self._everywhere: set[date] | None = None
        self._stale: set[int] = set()

    def touch(self, accounts: Iterable[int]) -> None:
        self._stale.update(accounts)

    def due(self, run: Run) -> Accounts:
        if self._everywhere is None:
            self._edges = edges.of_teams(run.session, run.today)
            self._everywhere = edges.everywhere(run) | {run.today}
        if run.today in self._everywhere:
            self._stale.update(scope.whole(run.session, run.rule, run.today))
        due = self._agenda.take(run.today)
        self._stale |= {account for account in due if run.today in self._edges.get(account, ())}
        return frozenset(due | self._stale)

    def decide(self, run: Run, accounts: Accounts) -> Decision:
        policy = run.policy
        self._read(run, accounts & self._stale)
        self._stale -= accounts
        creating = {
            number for number in accounts if self._creates(number, run.today, policy.of(number).plan_creation)
        }
        found = [fact for number in sorted(accounts - creating) for fact in self._facts.get(number, ())]
        own = rule.decide(found, run.today, run.policy)
        placed = (
            rule.decide(plans.facts(run, frozenset(creating)), run.today, run.policy) if creating else own
        )
        for account in accounts - {NO_ACCOUNT}:
            self._plan(account, run.today, policy.of(account).plan_creation)
        if not creating:
            return own
        mine = tuple(nudge for nudge in placed.nudges if nudge.account in creating)
        effects = tuple(effect for effect in placed.effects if effect.account in creating)
        for effect in effects:
            self._agenda.put(effect.account or NO_ACCOUNT, run.today + _DAY)
            self._edges.setdefault(effect.account or NO_ACCOUNT, set()).add(run.today + _DAY)
        return Decision((*own.nudges, *mine), (*own.effects, *effects))

    def _read(self, run: Run, accounts: Accounts) -> None:
        for account in accounts:
            self._facts.pop(account, None)
        for batch in scope.batches(accounts):
            for fact in plans.facts(run, batch):
                if fact.account in batch:
                    self._facts.setdefault(fact.account, []).append(fact)

    def _creates(self, account: int, today: date, policy: PlanCreation) -> bool:
        """Tell whether a plan is to be created today: then its place among the owner's others counts."""
        return any(
            fact.plan is None
            and fact.form is not None
            and fact.kam is not None
            and plan_dates.start(fact.year, policy) <= today <= quarters(fact.year)[0].last
            for fact in self._facts.get(account, ())
        )

    def _plan(self, account: int, today: date, policy: PlanCreation) -> None:
        days = set(self._edges.get(account, ()))
        for fact in self._facts.get(account, ()):
            days |= set(_days(fact, policy))
            if fact.plan is not None and not fact.plan.milestones and fact.plan.state != "approved":
                days.add(today + _DAY)  # dates that only the rule works out
        later = [day for day in days if day > today]
        if later:
            self._agenda.put(account, min(later))


def _days(fact: PlanFacts, policy: PlanCreation) -> Iterator[date]:
    yield fact.year.last + _DAY
    if fact.plan is not None:
        yield from fact.plan.milestones.values()
        return
    yield plan_dates.start(fact.year, policy)
    yield quarters(fact.year)[0].last + _DAY

"""The days of a rule that says of everything it leaves alone when it would speak: all but contacts and plans.

An account is looked at every day while something is open about it, or for as long as the rule's open nudges
stay what they are, then on the first day that the rule itself named, the day after an effect, and whenever a
row of it changes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from flows.rehearsal import edges
from flows.rehearsal.diary import Agenda
from kamflow.nudge import Decision, Nudge
from kamflow.store import scope
from kamflow.store.registry import RULES
from kamflow.store.run import NO_ACCOUNT, Accounts, Run

_DAY = timedelta(days=1)


class WhileOpen:
    """Looks at what is open, at what was announced, and at what changed.

    `ahead` are the days on which rows of the rule begin to count; `again` names the days on which an open
    nudge may be another one, by default the next; `beside` the accounts that an effect concerns too.
    """

    def __init__(
        self,
        name: str,
        ahead: Callable[[Session, date], edges.Edges],
        again: Callable[[Nudge, date], Iterable[date]] = lambda _, today: (today + _DAY,),
        beside: Callable[[Session], Mapping[int, set[int]]] = lambda _: {},
    ) -> None:
        self._rule, self._ahead, self._again, self._sharing = RULES[name], ahead, again, beside
        self._agenda = Agenda()
        self._touched: set[int] = set()
        self._edges: edges.Edges = {}
        self._done: set[str] = set()
        self._beside: Mapping[int, set[int]] = {}
        self._everywhere: set[date] | None = None

    def touch(self, accounts: Iterable[int]) -> None:
        self._touched.update(accounts)

    def due(self, run: Run) -> Accounts:
        if self._everywhere is None:
            self._everywhere = edges.everywhere(run) | {run.today}
            self._edges = edges.of_teams(run.session, run.today)
            self._beside = self._sharing(run.session)
            for account, days in self._ahead(run.session, run.today).items():
                self._edges.setdefault(account, set()).update(days)
        due = self._agenda.take(run.today) | self._touched
        self._touched = set()
        if run.today in self._everywhere:
            due |= set(scope.whole(run.session, run.rule, run.today))
        return frozenset(due)

    def decide(self, run: Run, accounts: Accounts) -> Decision:
        facts: Any = self._rule.query(run, accounts)
        decision = self._rule.decide(facts, run.today, run.policy)
        for nudge in decision.nudges:
            for day in self._again(nudge, run.today):
                self._agenda.put(nudge.account or NO_ACCOUNT, max(day, run.today + _DAY))
        for effect in decision.effects:
            if effect.key not in self._done:  # what it did may be a fact tomorrow
                self._done.add(effect.key)
                account = effect.account or NO_ACCOUNT
                for each in {account} | self._beside.get(account, set()):
                    self._agenda.put(each, run.today + _DAY)
        for silence in self._rule.silent(facts, run.today, run.policy):
            if silence.until is not None:
                self._agenda.put(silence.account or NO_ACCOUNT, max(silence.until, run.today + _DAY))
        for account in accounts:
            later = [day for day in self._edges.get(account, ()) if day > run.today]
            if later:
                self._agenda.put(account, min(later))
        return decision

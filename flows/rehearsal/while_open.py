"""The days of a rule that says of everything it leaves alone when it would speak: measures and requests.

An account is looked at every day while something is open about it, then on the first day that the rule itself
named, and whenever a row of it changes.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session

from flows.rehearsal import edges
from flows.rehearsal.diary import Agenda
from kamflow.nudge import Decision
from kamflow.store import scope
from kamflow.store.registry import RULES
from kamflow.store.run import NO_ACCOUNT, Accounts, Run

_DAY = timedelta(days=1)


class WhileOpen:
    """Looks at what is open, at what was announced, and at what changed.

    `ahead` are the days on which rows of the rule begin to count.
    """

    def __init__(self, name: str, ahead: Callable[[Session, date], edges.Edges]) -> None:
        self._rule, self._ahead = RULES[name], ahead
        self._agenda = Agenda()
        self._touched: set[int] = set()
        self._edges: edges.Edges = {}
        self._everywhere: set[date] | None = None

    def touch(self, accounts: Iterable[int]) -> None:
        self._touched.update(accounts)

    def due(self, run: Run) -> Accounts:
        if self._everywhere is None:
            self._everywhere = edges.everywhere(run) | {run.today}
            self._edges = edges.of_teams(run.session, run.today)
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
            self._agenda.put(nudge.account or NO_ACCOUNT, run.today + _DAY)
        for silence in self._rule.silent(facts, run.today, run.policy):
            if silence.until is not None:
                self._agenda.put(silence.account or NO_ACCOUNT, max(silence.until, run.today + _DAY))
        for account in accounts:
            later = [day for day in self._edges.get(account, ()) if day > run.today]
            if later:
                self._agenda.put(account, min(later))
        return decision

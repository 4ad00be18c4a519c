"""Which accounts a rule has to look at on which day, so that the outcome is that of looking at all of them.

A night in which nothing happened mostly says what the night before said. Where it is known from the facts
until when, an account is left alone until then; any other rule looks at every account every day.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from kamflow.nudge import Decision
from kamflow.store import scope
from kamflow.store.registry import Rule
from kamflow.store.run import Accounts, Run


class Diary(Protocol):
    """The days of one rule. `touch` says that something was written about accounts."""

    def due(self, run: Run) -> Accounts: ...

    def decide(self, run: Run, accounts: Accounts) -> Decision: ...

    def touch(self, accounts: Iterable[int]) -> None: ...


class Everyday:
    """Every account, every day: what a night does."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def due(self, run: Run) -> Accounts:
        return frozenset(scope.whole(run.session, run.rule, run.today))

    def decide(self, run: Run, accounts: Accounts) -> Decision:
        return self._rule.decide(self._rule.query(run, accounts), run.today, run.policy)

    def touch(self, accounts: Iterable[int]) -> None:
        """Nothing to remember: all of them are looked at anyway."""


class Agenda:
    """Days to come, each with the accounts to look at then."""

    def __init__(self) -> None:
        self._days: defaultdict[date, set[int]] = defaultdict(set)
        self._next: dict[int, date] = {}

    def put(self, account: int, day: date) -> None:
        """Look at an account on a day, if nothing is due before."""
        known = self._next.get(account)
        if known is None or day < known:
            self._next[account] = day
            self._days[day].add(account)

    def take(self, today: date) -> set[int]:
        """The accounts that are due up to today; they have no day any more."""
        found: set[int] = set()
        for day in sorted(each for each in self._days if each <= today):
            found |= {account for account in self._days.pop(day) if self._next.get(account) == day}
        for account in found:
            del self._next[account]
        return found

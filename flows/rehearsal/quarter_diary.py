"""The days of `quarterly_controlling`: when a quarter begins to be asked about, when its figures change, when
the report is due. What is said of it does not change from one day to the next.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from flows.rehearsal import edges
from kamflow.figures import quarter_dates
from kamflow.models.account import Account
from kamflow.models.controlling import QuarterComment
from kamflow.models.plan import Measure
from kamflow.models.source import CompletePeriod
from kamflow.nudge import Decision
from kamflow.rules import quarterly_controlling as rule
from kamflow.store import controlling, scope
from kamflow.store.run import Accounts, Run

_DAY = timedelta(days=1)


class QuarterDiary:
    """Looks at everybody on the days that concern everybody, else at the families of what changed."""

    def __init__(self) -> None:
        self._days: set[date] | None = None
        self._touched: set[int] = set()
        self._above: dict[int, int] = {}

    def touch(self, accounts: Iterable[int]) -> None:
        self._touched.update(accounts)

    def due(self, run: Run) -> Accounts:
        if self._days is None:
            self._days = edges.everywhere(run) | _dated(run.session, run.today) | {run.today}
            parents = select(col(Account.id), col(Account.parent_id)).where(
                col(Account.parent_id).is_not(None)
            )
            self._above = {row[0]: row[1] for row in run.session.execute(parents)}
        if run.today in self._days:
            self._touched = set()
            return frozenset(scope.whole(run.session, run.rule, run.today))
        return self._families(run)

    def decide(self, run: Run, accounts: Accounts) -> Decision:
        facts = controlling.facts(run, accounts)
        quarter, policy = facts.quarter, run.policy.quarterly_controlling
        opens = quarter_dates.opens_on(
            quarter.period, quarter.year, quarter.complete_on, quarter.calendar, policy
        )
        report = quarter.calendar.add(opens, policy.report_after)
        if self._days is not None:
            self._days |= {quarter.asked_until + _DAY, opens, report}
        return rule.decide(facts, run.today, run.policy)

    def _families(self, run: Run) -> Accounts:
        """What was touched, with all above and below it: their figures count together."""
        touched, self._touched = self._touched, set()
        if not touched:
            return frozenset()
        roots = {self._root(account) for account in touched}
        below = {account for account in self._above if self._root(account) in roots}
        return frozenset(touched | roots | below)

    def _root(self, account: int) -> int:
        seen: set[int] = set()
        while account in self._above and account not in seen:
            seen.add(account)
            account = self._above[account]
        return account


def _dated(session: Session, since: date) -> set[date]:
    """Days to come on which a row begins to count."""
    found: set[date] = set()
    for column in (CompletePeriod.complete_on, QuarterComment.commented_on, Measure.done_on):
        rows = session.execute(select(col(column)).where(col(column) > since)).scalars()
        found |= {day for day in rows if day is not None}
    team = edges.of_teams(session, since).values()
    return found.union(*team)

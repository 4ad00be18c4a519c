"""The facts of `department_requests`: what was asked of departments, by when as agreed, and what was said."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.figures.deadline import Asked
from kamflow.figures.request_dates import RequestFacts
from kamflow.models.account import Account
from kamflow.models.meeting import Request, RequestState
from kamflow.models.nudge import StepDone
from kamflow.models.training import CollaborationRule
from kamflow.nudge import subject
from kamflow.periods import fiscal_year
from kamflow.rules.department_requests import RULE
from kamflow.store import asked, calendars, meeting_rows, teams
from kamflow.store.run import Accounts, Run

# How long a request that is over can still be asked about (`why-not`).
REMEMBERED = timedelta(days=90)
BY_WORD = ("refused", "conflict")


def facts(run: Run, accounts: Accounts) -> list[RequestFacts]:
    """Requests of these accounts that are open or refused, and those that ended lately."""
    rows = run.session.execute(_requests(accounts, run.today)).all()
    gathered = _Gathered(run, rows)
    return [gathered.fact(row) for row in rows]


class _Gathered:
    """What the facts are put together from, each read in one query."""

    def __init__(self, run: Run, rows: Iterable[Any]) -> None:
        rows = list(rows)
        self.run = run
        self.kams = asked.kams(run, {row.account_id for row in rows})
        self.leads = asked.leads(run, (row.department_id for row in rows))
        self.superiors = teams.superiors(run.session, self.kams.values())
        self.heads = teams.heads(run.session, run.today)
        leading = (person for people in self.leads.values() for person in people)
        named = (row.specialist_id for row in rows)
        everybody = {*self.kams.values(), *self.superiors.values(), *self.heads, *leading, *named}
        self.people = asked.here(run, everybody)
        self.agreed = _agreed(run.session)
        self.read = _read(run, rows)
        self.quiet = calendars.quiet_weeks(run.policy.cadence, run.company)
        self.cancelled = meeting_rows.cancelled(run.session, (row.meeting_id for row in rows))

    def fact(self, row: Any) -> RequestFacts:
        # What was decided after this day is not known on it.
        decided = row.decided_on is None or row.decided_on <= self.run.today
        return RequestFacts(
            request=row.id,
            account=row.account_id,
            kind=row.kind,
            asked_on=self._asked_on(row),
            quiet=self.quiet,
            department=row.department_id,
            specialist=self.people.get(row.specialist_id),
            lead=self._first(self.leads.get(row.department_id, ())),
            kam=self.people.get(self.kams.get(row.account_id, 0)),
            head=self._head(row.account_id),
            customer_date=row.customer_date,
            lead_time=self.agreed.get((row.department_id, row.kind)),
            due_on=row.due_on,
            state=row.state if decided else RequestState.OPEN.value,
            cause=row.cause if decided else None,
            decided_on=row.decided_on if decided else None,
            read=self.read.get(row.id, {}),
            cancelled=row.meeting_id in self.cancelled,
        )

    def _asked_on(self, row: Any) -> date:
        """When it was asked; where nobody noted that, so early that nobody is called late."""
        company = self.run.company
        year = fiscal_year(self.run.today, company.fiscal_year_start, company.fiscal_year_changes)
        return row.asked_on or year.first

    def _head(self, account: int) -> Asked | None:
        superior = self.superiors.get(self.kams.get(account, 0), 0)
        return self.people.get(superior) or self._first(self.heads)

    def _first(self, people: Iterable[int]) -> Asked | None:
        return next((self.people[person] for person in people if person in self.people), None)


def identity(account: int, request: int, step: str) -> str:
    """The nudge by which a refusal is told: its word is found under it."""
    return f"{RULE}:{subject(account=account, request=request)}:{request}:{step}"


def _requests(accounts: Accounts, today: date) -> Any:
    row, lately = Request, today - REMEMBERED
    over = or_(col(row.decided_on) >= lately, col(row.decided_on).is_(None))
    return (
        select(
            col(row.id),
            col(row.account_id),
            col(row.meeting_id),
            col(row.department_id),
            col(row.specialist_id),
            col(row.kind),
            col(row.asked_on),
            col(row.customer_date),
            col(row.due_on),
            col(row.state),
            col(row.cause),
            col(row.decided_on),
        )
        .join(Account, col(Account.id) == col(row.account_id))
        .where(col(row.account_id).in_(accounts))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today))
        .where(or_(col(row.asked_on).is_(None), col(row.asked_on) <= today))
        .where(or_(col(row.customer_date).is_(None), col(row.customer_date) >= lately))
        .where(or_(col(row.state) != RequestState.DELIVERED, over))
        .order_by(col(row.id))
    )


def _agreed(session: Session) -> dict[tuple[int | None, str], int]:
    """Working days per department and kind: the rules of collaboration are few."""
    rule = CollaborationRule
    rows = session.execute(select(col(rule.department_id), col(rule.kind), col(rule.lead_time)))
    return {(department, kind): days for department, kind, days in rows}


def _read(run: Run, rows: Iterable[Any]) -> dict[int, dict[str, date]]:
    """Refusals that were read, and conflicts that were decided, by word."""
    steps = {
        identity(row.account_id, row.id, step): (row.id, step)
        for row in rows
        if row.state == RequestState.REFUSED
        for step in BY_WORD
    }
    said = run.session.execute(
        select(col(StepDone.identity), col(StepDone.done_on)).where(
            col(StepDone.identity).in_(steps), col(StepDone.done_on) <= run.today
        )
    )
    found: dict[int, dict[str, date]] = {}
    for name, day in said:
        request, step = steps[name]
        found.setdefault(request, {})[step] = day
    return found

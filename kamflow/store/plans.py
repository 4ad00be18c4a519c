"""The facts of `plan_creation`: accounts, the fiscal years to plan, and the plans as they stand."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from kamflow.figures import plan_dates
from kamflow.figures.plan_progress import Form, PlanFacts
from kamflow.models.account import Account
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.models.revenue import RevenueEntry, RevenueKind
from kamflow.periods import Period, fiscal_year, next_year
from kamflow.store import approvers, calendars, hand_in_entries, plans_read, teams
from kamflow.store.contacts import accounts_kams
from kamflow.store.run import Accounts, Run
from kamflow.workdays import Calendar

DAY = timedelta(days=1)
CLASS_WEIGHT = {"key": 3e15, "major": 2e15, "target": 1e15}


@dataclass(frozen=True, slots=True)
class _Account:
    id: int
    account_class: str | None
    meeting_month: int | None


def facts(run: Run, accounts: Accounts) -> list[PlanFacts]:
    """This and the next fiscal year of these accounts, and of all other accounts of their KAMs:
    one person's hand-ins are placed together, so part of a portfolio would give other dates."""
    session, today = run.session, run.today
    asked = _accounts(session, accounts, today)
    own = accounts_kams(session, asked, today)
    everyone = {**asked, **_others(session, set(own.values()), today)}
    closed = hand_in_entries.held(session, accounts - asked.keys(), today)
    kams = accounts_kams(session, everyone, today)
    year = fiscal_year(today, run.company.fiscal_year_start, run.company.fiscal_year_changes)
    years = (year, next_year(year, run.company.fiscal_year_changes))
    gathered = _Gathered(run, everyone, closed, kams, years)
    return [
        gathered.fact(account, planned)
        for account in sorted(everyone.keys() | closed)
        for planned in years
        if gathered.concerns(account, planned)
    ]


class _Gathered:
    """What the facts are put together from, each read in one query."""

    def __init__(
        self,
        run: Run,
        accounts: dict[int, _Account],
        closed: set[int],
        kams: dict[int, int],
        years: tuple[Period, ...],
    ) -> None:
        session = run.session
        self.run, self.accounts, self.closed, self.kams = run, accounts, closed, kams
        known = accounts.keys() | closed
        self.plans = plans_read.plans(session, known, years, run.company.zone)
        numbers = [plan.number for plan in self.plans.values() if plan.number is not None]
        self.entries = hand_in_entries.entries(session, known, numbers)
        self.meetings = _meetings(session, accounts)
        self.revenue = {year: _revenue(session, accounts, self._begun_in(year)) for year in years}
        self.approvers = self._approvers(years)
        people = {*kams.values(), *self.approvers.values()}
        self.calendars = calendars.of_people(session, people, run.company)
        self.company = calendars.company_calendar(run.company)
        self.quiet = calendars.quiet_weeks(run.policy.cadence, run.company)

    def concerns(self, account: int, year: Period) -> bool:
        return self._form(account) is not None or (account, year.first) in self.plans

    def fact(self, account: int, year: Period) -> PlanFacts:
        plan = self.plans.get((account, year.first))
        entries = self.entries.get((plan.number if plan else None) or 0, {})
        kam, approver = self.kams.get(account), self.approvers.get((account, year.first))
        return PlanFacts(
            account=account,
            year=year,
            form=self._form(account),
            kam=kam,
            approver=approver,
            calendar=self.calendars.get(kam, self.company) if kam else self.company,
            approver_calendar=self.calendars.get(approver) if approver else None,
            quiet=self.quiet,
            heaviness=self._heaviness(account, year),
            meeting=self._meeting(account, year),
            plan=plan,
            begun=self.run.policy.starting.go_live,
            entries=entries,
            closed=account in self.closed,
        )

    def _begun_in(self, year: Period) -> Period:
        """The fiscal year in which the planning of this one begins."""
        company = self.run.company
        return fiscal_year(year.first - DAY, company.fiscal_year_start, company.fiscal_year_changes)

    def _heaviness(self, account: int, year: Period) -> float:
        row = self.accounts.get(account)
        weight = CLASS_WEIGHT.get((row.account_class if row else None) or "", 0.0)
        return weight + float(self.revenue[year].get(account, 0))

    def _form(self, account: int) -> Form | None:
        if account in self.closed:
            return None
        policy, found = self.run.policy.of(account).plan_creation, self.accounts[account].account_class
        if found in policy.key_classes:
            return "key"
        return "short" if found in policy.short_classes else None

    def _approvers(self, years: tuple[Period, ...]) -> dict[tuple[int, date], int]:
        """Whose nudge the approval of each account's plan is, by account and first day of the year."""
        found = approvers.load(self.run.session, self.accounts, self.run.today)
        deciding = {(account, year.first): found.of(account, year.first)
                    for account in self.accounts for year in years}  # fmt: skip
        return {plan: people[0] for plan, people in deciding.items() if people}

    def _meeting(self, account: int, year: Period) -> date | None:
        """The first booked meeting after the start of planning, else the planned month's first wd."""
        if account in self.closed:
            return None
        begin = plan_dates.start(year, self.run.policy.of(account).plan_creation)
        booked = [day for day in self.meetings.get(account, ()) if begin <= day <= year.last]
        if booked:
            return min(booked)
        month = self.accounts[account].meeting_month
        return _first_workday(begin, month, self.company) if month else None


def _first_workday(begin: date, month: int, days: Calendar) -> date:
    year = begin.year + (month < begin.month)
    return days.on_or_after(date(year, month, 1))


def _accounts(session: Session, ids: Iterable[int], today: date) -> dict[int, _Account]:
    rows = session.execute(
        select(col(Account.id), col(Account.account_class), col(Account.meeting_month))
        .where(col(Account.id).in_(set(ids)))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > today))
    )
    return {row[0]: _Account(*row) for row in rows}


def _others(session: Session, kams: set[int], today: date) -> dict[int, _Account]:
    held = teams.accounts_of_kams(session, kams, today)
    return _accounts(session, held, today)


def _meetings(session: Session, ids: Iterable[int]) -> dict[int, list[date]]:
    rows = session.execute(
        select(col(AnnualMeeting.account_id), col(MeetingRound.day))
        .join(MeetingRound, col(MeetingRound.meeting_id) == col(AnnualMeeting.id))
        .where(col(AnnualMeeting.account_id).in_(set(ids)))
        .where(col(MeetingRound.state) != "cancelled", col(MeetingRound.day).is_not(None))
    )
    days: defaultdict[int, list[date]] = defaultdict(list)
    for account, day in rows:
        days[account].append(day)
    return days


def _revenue(session: Session, ids: Iterable[int], year: Period) -> dict[int, Decimal]:
    """Revenue of the twelve months before this fiscal year: a closed figure, and the same whenever within the
    planning it is asked for, so the order stays put."""
    rows = session.execute(
        select(col(RevenueEntry.account_id), func.sum(col(RevenueEntry.amount)))
        .where(col(RevenueEntry.account_id).in_(set(ids)), col(RevenueEntry.kind) == RevenueKind.ACTUAL)
        .where(col(RevenueEntry.day) < year.first)
        .where(col(RevenueEntry.day) >= _year_before(year.first))
        .group_by(col(RevenueEntry.account_id))
    )
    return dict(rows.tuples().all())


def _year_before(first: date) -> date:
    return first.replace(year=first.year - 1)

"""The facts of `quarterly_controlling`: the fiscal quarter that ended last, and every account in it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlmodel import col

from kamflow.figures import completeness
from kamflow.figures.account_figures import AccountFigures
from kamflow.figures.completeness import Statement
from kamflow.figures.quarter_facts import AccountQuarter, Controlling, Quarter
from kamflow.models.account import Account
from kamflow.models.controlling import QuarterComment, StoredScorecard
from kamflow.models.event import Event
from kamflow.models.source import CompletePeriod, Source
from kamflow.periods import Period, fiscal_year, previous_quarter, quarter
from kamflow.store import account_counts as counts
from kamflow.store import account_revenue as revenue
from kamflow.store import asked, calendars, entitlements, families, goals, groups, survey_scores, teams
from kamflow.store.account_revenue import Revenue
from kamflow.store.run import Accounts, Run

DAY = timedelta(days=1)


class _Account(NamedTuple):
    id: int
    account_class: str | None
    parent: int | None


def facts(run: Run, accounts: Accounts) -> Controlling:
    """The quarter and these accounts, a group with all its sites; totals are those of the whole company."""
    gathered = _Gathered(run, accounts)
    return Controlling(gathered.quarter(), [gathered.account(each) for each in gathered.accounts])


def last_quarter(run: Run) -> tuple[Period, Period]:
    """The fiscal quarter that ended last before today, and its fiscal year."""
    company = run.company
    ended = previous_quarter(run.today, company.fiscal_year_start, company.fiscal_year_changes)
    return ended, _year(run, ended.first)


def _quarter(run: Run, day: date) -> Period:
    return quarter(day, run.company.fiscal_year_start, run.company.fiscal_year_changes)


def _year(run: Run, day: date) -> Period:
    return fiscal_year(day, run.company.fiscal_year_start, run.company.fiscal_year_changes)


class _Gathered:
    """What the facts are put together from, each read in one query."""

    def __init__(self, run: Run, accounts: Accounts) -> None:
        session, self.run = run.session, run
        self.period, self.year = last_quarter(run)
        self.accounts = _open(run, accounts)
        ids = frozenset(each.id for each in self.accounts)
        self.windows = revenue.windows(self.period, _quarter(run, self.period.first - DAY))
        self.company = revenue.company(run, self.windows)
        self.revenue = revenue.of_accounts(session, ids, self.windows, self.company.since)
        self._goals(ids)
        self._counts(ids)
        self._people(ids)
        self.commented = _commented(run, ids, self.period)
        self.kept = _kept(run, ids, self.period)
        self.arrived = _arrived(run, ids, self.period)
        self.parents = groups.counted_in(run, {each.id: each.parent for each in self.accounts})

    def _goals(self, ids: Accounts) -> None:
        self.previous_year = _year(self.run, self.windows.previous.first)
        self.goals = goals.yearly(self.run.session, ids, self.year)
        self.previous_goals = goals.yearly(self.run.session, ids, self.previous_year)

    def _counts(self, ids: Accounts) -> None:
        at = counts.Counting(self.run.session, ids, self.period, self.run.today)
        self.measures, self.projects = counts.measures(at), counts.projects(at)
        self.contacts, self.services = counts.contacts(at, self.year), counts.services(at)
        policy = self.run.policy
        self.nps = survey_scores.scores(
            at, self.run.company.zone, lambda account: policy.of(account).survey_dispatch.nps_from
        )
        classes = {each.id: each.account_class for each in self.accounts}
        self.unused = entitlements.unused(self.run.session, ids, classes, self.windows.last_year)

    def _people(self, ids: Accounts) -> None:
        self.kams = asked.kams(self.run, ids)
        self.owners = _owners(self.run)
        self.people = asked.here(self.run, {*self.kams.values(), *self.owners.values()})

    def quarter(self) -> Quarter:
        run = self.run
        said = _statements(run, self.period)
        return Quarter(
            period=self.period,
            year=self.year,
            asked_until=_quarter(run, self.period.last + DAY).last,
            complete_on=completeness.completed_on(self.period, self.company.sources, said),
            calendar=calendars.company_calendar(run.company),
            quiet=calendars.quiet_weeks(run.policy.cadence, run.company),
            heads=tuple(teams.heads(run.session, run.today)),
        )

    def account(self, account: _Account) -> AccountQuarter:
        number = account.id
        found = self.revenue.get(number, Revenue({}))
        source = found.source or self._only_source()
        return AccountQuarter(
            figures=self._figures(account, found),
            kam=self.people.get(self.kams.get(number, 0)),
            group=self.parents.get(number),
            source=source,
            source_owner=self.people.get(self.owners.get(source or "", 0)),
            arrived=self.arrived.get(number) if "revenue" in found.known else None,
            commented_on=self.commented.get(number),
            kept=self.kept.get(number, (None, None))[0],
            kept_digest=self.kept.get(number, (None, None))[1],
        )

    def _only_source(self) -> str | None:
        return self.company.sources[0] if len(self.company.sources) == 1 else None

    def _figures(self, account: _Account, found: Revenue) -> AccountFigures:
        number, known = account.id, found.known
        margin_on = known.get("margin_on")
        return AccountFigures(
            account=number,
            quarter=self.period,
            year=self.year,
            account_class=account.account_class,
            revenue=known.get("revenue"),
            goal=self._goal(number, "revenue", known.get("goal")),
            previous=known.get("previous"),
            previous_goal=known.get("previous_goal") or self._previous_goal(number),
            year_ago=known.get("year_ago"),
            last_year=known.get("last_year"),
            year_before=known.get("year_before"),
            company=self.company.total,
            margin=known.get("margin"),
            margin_on=margin_on.amount if margin_on else None,
            margin_goal=self._goal(number, "margin", known.get("margin_goal")),
            services=self.services.get(number),
            measures=self.measures.get(number),
            contacts=self.contacts.get(number),
            nps=self.nps.get(number),
            projects=self.projects.get(number),
            unused=self.unused.get(number, ()),
            not_bought=self._not_bought(found),
        )

    def _goal(self, account: int, figure: str, posted: Any) -> Any:
        return posted or goals.of_quarter(self.goals, account, figure, self.period, self.year)

    def _previous_goal(self, account: int) -> Any:
        return goals.of_quarter(
            self.previous_goals, account, "revenue", self.windows.previous, self.previous_year
        )

    def _not_bought(self, found: Revenue) -> tuple[str, ...]:
        """Nothing is said where nobody knows what the account buys."""
        return tuple(name for name in self.company.groups if name not in found.groups) if found.groups else ()


def _open(run: Run, accounts: Accounts) -> list[_Account]:
    rows = run.session.execute(
        select(col(Account.id), col(Account.account_class), col(Account.parent_id))
        .where(col(Account.id).in_(accounts))
        .where(or_(col(Account.closed_on).is_(None), col(Account.closed_on) > run.today))
        .order_by(col(Account.id))
    )
    return [_Account(*row) for row in rows]


def _owners(run: Run) -> dict[str, int]:
    rows = run.session.execute(
        select(col(Source.key), col(Source.owner_id)).where(col(Source.owner_id).is_not(None))
    )
    return {key: owner for key, owner in rows if owner is not None}


def _statements(run: Run, period: Period) -> list[Statement]:
    row = CompletePeriod
    rows = run.session.execute(
        select(col(row.source), col(row.first), col(row.last), col(row.complete_on))
        .where(col(row.kind) == "revenue", col(row.complete_on) <= run.today)
        .where(col(row.first) <= period.last, col(row.last) >= period.first)
        .order_by(col(row.id))
    )
    return [Statement(*each) for each in rows]


def _commented(run: Run, accounts: Accounts, period: Period) -> dict[int, date]:
    row = QuarterComment
    rows = run.session.execute(
        select(col(row.account_id), col(row.commented_on))
        .where(col(row.account_id).in_(accounts), col(row.quarter_first) == period.first)
        .where(col(row.commented_on) <= run.today)
    )
    return dict(rows.tuples().all())


def _kept(run: Run, accounts: Accounts, period: Period) -> Mapping[int, Any]:
    row = StoredScorecard
    rows = run.session.execute(
        select(col(row.account_id), col(row.state), col(row.light), col(row.digest)).where(
            col(row.account_id).in_(accounts), col(row.quarter_first) == period.first
        )
    )
    return {
        account: ("no_data" if (state, light) == ("complete", "no_data") else state, digest)
        for account, state, light, digest in rows
    }


def _arrived(run: Run, accounts: Accounts, period: Period) -> dict[int, date]:
    """The first day after the quarter began on which revenue of the account came in."""
    zone = ZoneInfo(run.company.zone)
    begin, end = (datetime.combine(day, time(), zone) for day in (period.first, run.today + DAY))
    family = families.below(accounts)
    rows = run.session.execute(
        select(family.c.root, func.min(col(Event.at)))
        .join_from(family, Event, col(Event.account_id) == family.c.id)
        .where(col(Event.name) == "revenue.imported", col(Event.at) >= begin, col(Event.at) < end)
        .group_by(family.c.root)
    )
    return {root: at.astimezone(zone).date() for root, at in rows}

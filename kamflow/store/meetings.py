"""The facts of `annual_meeting`: each account's meeting of a fiscal year, its rounds and who comes."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from kamflow.figures import meeting_dates as dates
from kamflow.figures.deadline import Asked
from kamflow.figures.meeting_facts import MeetingFacts, Round
from kamflow.models.nudge import StepDone
from kamflow.nudge import subject
from kamflow.periods import Period, fiscal_year, next_year
from kamflow.rules.annual_meeting import RULE
from kamflow.store import (
    asked,
    briefings_sent,
    calendar_entries,
    calendars,
    meeting_needs,
    meeting_people,
    meeting_rows,
)
from kamflow.store.meeting_people import Attendees
from kamflow.store.meeting_rows import DAY, MeetingRow, Meetings, RoundRow
from kamflow.store.run import Accounts, Run
from kamflow.workdays import Calendar, both


def facts(run: Run, accounts: Accounts) -> list[MeetingFacts]:
    """This and the next fiscal year of these accounts, and the last one where it has a meeting."""
    gathered = _Gathered(run, accounts)
    return [
        gathered.fact(account, year) for account in gathered.accounts for year in gathered.years_of(account)
    ]


def meeting_days(run: Run, accounts: Accounts, years: Collection[Period]) -> dict[tuple[int, Period], date]:
    """M of each account and fiscal year: the day of the first round that stands, else the first working
    day of the planned month. Missing where it is unknown, or was cancelled and not booked again."""
    if not years:
        return {}
    known = meeting_rows.open_accounts(run.session, accounts, run.today)
    first = min(year.first for year in years) - DAY
    found = meeting_rows.load(run.session, known.keys(), first, max(year.last for year in years))
    common, quiet = _common_days(run, known), calendars.quiet_weeks(run.policy.cadence, run.company)
    days = {
        (account, year): dates.meeting_day(
            MeetingFacts(
                account=account,
                year=year,
                calendar=common[account],
                quiet=quiet,
                rounds=tuple(
                    Round(each.id, each.day, each.number, each.state)  # pyright: ignore[reportArgumentType]
                    for each in found.rounds_of(found.of(account, year))
                ),
                month=row.month,
                last_month=found.last_month(account, year),
            )
        )
        for account, row in known.items()
        for year in years
    }
    return {key: day for key, day in days.items() if day is not None}


def identity(account: int, year: Period, step: str) -> str:
    """The nudge of a step before M: its word is found under it."""
    return f"{RULE}:{subject(account=account)}:{year}:{step}"


def minutes_identity(account: int, talk: int) -> str:
    """The nudge that asks for the minutes of a round."""
    return f"{RULE}:{subject(account=account, round=talk)}:{talk}:minutes"


def follow_up_identity(account: int, meeting: int) -> str:
    """The nudge that asks for what follows from an agreement."""
    return f"{RULE}:{subject(account=account)}:{meeting}:follow_up"


class _Gathered:
    """What the facts are put together from, each read in one query."""

    def __init__(self, run: Run, accounts: Accounts) -> None:
        company, session, today = run.company, run.session, run.today
        self.run = run
        self.year = fiscal_year(today, company.fiscal_year_start, company.fiscal_year_changes)
        self.next = next_year(self.year, company.fiscal_year_changes)
        self.accounts = meeting_rows.open_accounts(session, accounts, today)
        self.meetings = self._load(run)
        rows = [each for found in self.meetings.rounds.values() for each in found]
        talks = [row.id for row in rows]
        self.attendees = meeting_people.attendees(session, talks)
        coming = [row for row in rows if row.day >= today]
        self.entries = calendar_entries.entries(session, self.accounts.keys(), [row.id for row in coming])
        released = [row.id for row in coming if row.released_on is not None]
        self.unreviewed = briefings_sent.unreviewed(session, self.accounts.keys(), released)
        held_today = [row.id for row in rows if row.day == today and row.state == "booked"]
        self.changed = briefings_sent.changed(session, self.accounts.keys(), held_today, today)
        self.words = self._words()
        self.kams = asked.kams(run, self.accounts)
        self.sponsors = meeting_people.sponsors(run, self.accounts)
        attending = {person for each in self.attendees.values() for person in each.persons}
        self.board = meeting_people.board(
            session, self.accounts.keys(), attending | set(self.sponsors.values()), today
        )
        held = self.meetings.by_account
        self.agreed = meeting_needs.load(run, held.keys(), [each.id for m in held.values() for each in m])
        leading = {*self.kams.values(), *self.sponsors.values(), *self.agreed.people()}
        self.here = asked.here(run, leading | attending)
        self.company = calendars.company_calendar(company)
        self.common = _common_days(run, self.accounts)
        self.quiet = calendars.quiet_weeks(run.policy.cadence, company)

    def years_of(self, account: int) -> Iterator[Period]:
        """A year that has a meeting is what its row says, even if fiscal years were changed since."""
        booked = {each.year.first: each.year for each in self.meetings.by_account.get(account, ())}
        ahead = {self.year.first: self.year, self.next.first: self.next}
        yield from (year for _, year in sorted((ahead | booked).items()))

    def fact(self, account: int, year: Period) -> MeetingFacts:
        row, meeting = self.accounts[account], self.meetings.of(account, year)
        sponsor = self.here.get(self.sponsors.get(account, 0))
        one = MeetingFacts(
            account=account,
            year=year,
            calendar=self.common[account],
            quiet=self.quiet,
            kam=self.here.get(self.kams.get(account, 0)),
            account_class=row.account_class,
            month=row.month,
            last_month=self.meetings.last_month(account, year),
            month_on=row.month_on,
            board=self._board(account, sponsor, meeting),
            sponsor=sponsor,
        )
        return one if meeting is None else self._with_meeting(one, meeting)

    def _with_meeting(self, one: MeetingFacts, meeting: MeetingRow) -> MeetingFacts:
        rows = self.meetings.rounds_of(meeting)
        rounds = tuple(self._round(meeting, row) for row in rows)
        account, agreed = meeting.account, self._by_today(meeting.agreed_on)
        one = replace(
            one,
            meeting=meeting.id,
            kind=meeting.kind,
            rounds=rounds,
            agreed_on=agreed,
            needs=self.agreed.needs(account, meeting.id, self.here, self.company),
            agenda_on=self.words.get(identity(account, meeting.year, "agenda")),
            followed_up_on=self.words.get(follow_up_identity(account, meeting.id)),
        )
        booked = dates.first_round(one)
        first = next((row for row in rows if booked is not None and row.id == booked.id), None)
        if first is None or self._by_today(first.released_on) is None:
            return one
        return replace(one, released_on=first.released_on, released_revision=first.released_revision)

    def _round(self, meeting: MeetingRow, row: RoundRow) -> Round:
        persons = self.attendees.get(row.id, Attendees()).persons
        return Round(
            id=row.id,
            day=row.day,
            number=row.number,
            state=row.state,  # pyright: ignore[reportArgumentType] - the column holds one of three
            revision=row.revision,
            fixed_on=row.fixed_on,
            moved_from=row.moved_from,
            from_calendar=row.from_calendar,
            people=tuple(self.here[person] for person in sorted(persons) if person in self.here),
            entry_revision=row.entry_revision,
            entries=self.entries.get(row.id, {}),
            unreviewed=frozenset(self.unreviewed.get((row.id, row.revision), ())),
            changed=self.changed.get(row.id, {}),
            minutes_on=self.words.get(minutes_identity(meeting.account, row.id)),
        )

    def _load(self, run: Run) -> Meetings:
        last = fiscal_year(
            self.year.first - DAY, run.company.fiscal_year_start, run.company.fiscal_year_changes
        )
        return meeting_rows.load(run.session, self.accounts.keys(), last.first, self.next.last)

    def _words(self) -> dict[str, date]:
        """What was said to be done by today, by the identity of what asked for it."""
        steps: set[str] = set()
        for account, meetings in self.meetings.by_account.items():
            for meeting in meetings:
                steps |= {identity(account, meeting.year, "agenda"), follow_up_identity(account, meeting.id)}
                steps |= {minutes_identity(account, row.id) for row in self.meetings.rounds_of(meeting)}
        rows = self.run.session.execute(
            select(col(StepDone.identity), col(StepDone.done_on)).where(
                col(StepDone.identity).in_(steps), col(StepDone.done_on) <= self.run.today
            )
        )
        return dict(rows.tuples().all())

    def _board(self, account: int, sponsor: Asked | None, meeting: MeetingRow | None) -> bool:
        standing = [row.id for row in self.meetings.rounds_of(meeting) if row.state != "cancelled"]
        coming = [self.attendees[talk] for talk in standing if talk in self.attendees]
        return self.board.expected(account, sponsor.person if sponsor else None, coming)

    def _by_today(self, day: date | None) -> date | None:
        """What was said after this day is not known on it."""
        return day if day is not None and day <= self.run.today else None


def _common_days(run: Run, accounts: Iterable[int]) -> dict[int, Calendar]:
    """Days on which both the company and the customer work, by account."""
    company = calendars.company_calendar(run.company)
    return {
        account: both(company, days)
        for account, days in calendars.of_accounts(run.session, accounts, run.company).items()
    }

"""The facts of `survey_dispatch`: accounts and their fiscal years, waves, and who may be asked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from kamflow.figures import survey_dates, survey_effects
from kamflow.figures.not_due import NotDue
from kamflow.figures.survey_facts import SurveyFacts
from kamflow.periods import Period, fiscal_year, next_year
from kamflow.store import calendars, meetings, survey_contacts, survey_kams, survey_waves
from kamflow.store.run import Accounts, Run
from kamflow.store.survey_contacts import Contacts
from kamflow.store.survey_waves import StoredWave

DAY = timedelta(days=1)


def facts(run: Run, accounts: Accounts) -> list[SurveyFacts]:
    """This and the next fiscal year of these accounts, and the last one where it has a wave.

    A closed account comes with its waves only, without their answers: nobody is to reply any more.
    """
    gathered = _Gathered(run, accounts)
    bare = list(gathered.bare())
    asking = frozenset(fact.account for fact in bare if _chooses(fact, run))
    contacts = Contacts(
        run,
        gathered.accounts,
        gathered.days,
        asking,
        (each.id for each in (*gathered.waves.values(), *(wave for wave, _ in gathered.imported))),
    )
    return [
        *(gathered.with_contacts(fact, contacts, asking) for fact in bare),
        *gathered.answered_elsewhere(contacts),
    ]


def _chooses(fact: SurveyFacts, run: Run) -> bool:
    """Whether a wave would be put together today: only then it matters who might be asked."""
    if fact.wave is not None:
        return False
    said = survey_effects.prepare(fact, run.today, run.policy.of(fact.account).survey_dispatch)
    return any(isinstance(each, NotDue) and each.reason == "nobody_may_be_asked" for each in said)


class _Gathered:
    """What the facts are put together from, each read in one query."""

    def __init__(self, run: Run, accounts: Accounts) -> None:
        company = run.company
        self.run = run
        year = fiscal_year(run.today, company.fiscal_year_start, company.fiscal_year_changes)
        last = fiscal_year(year.first - DAY, company.fiscal_year_start, company.fiscal_year_changes)
        self.ahead = (year, next_year(year, company.fiscal_year_changes))
        self.years = (last, *self.ahead)
        self.accounts = survey_contacts.accounts(run.session, accounts)
        self.days = calendars.of_accounts(run.session, self.accounts, company)
        self.waves = survey_waves.waves(run, frozenset(self.accounts), self.years)
        self.imported = survey_waves.imported(run, frozenset(self.accounts))
        self.meetings = meetings.meeting_days(run, frozenset(self.accounts), self.years)
        self.kams = survey_kams.in_charge(run, frozenset(self.accounts))
        self.quiet = calendars.quiet_weeks(run.policy.cadence, company)

    def bare(self) -> Iterator[SurveyFacts]:
        """The facts without what is known of contacts."""
        for number, row in self.accounts.items():
            closed = row.closed_on is not None and row.closed_on <= self.run.today
            for year in self.years:
                wave = self.waves.get((number, year.first))
                if wave is not None or (year in self.ahead and not closed):
                    yield self._bare(number, row.account_class, year, wave)

    def _bare(
        self, account: int, account_class: str | None, year: Period, wave: StoredWave | None
    ) -> SurveyFacts:
        return SurveyFacts(
            account=account,
            year=year,
            calendar=self.days[account],
            quiet=self.quiet,
            account_class=account_class,
            kam=self.kams.get(account),
            meeting=self.meetings.get((account, year)),
            wave=None if wave is None else wave.bare(),
            begins=self.run.policy.starting.go_live,
        )

    def with_contacts(self, fact: SurveyFacts, contacts: Contacts, asking: Accounts) -> SurveyFacts:
        """The facts with the list of their wave, or with everybody who might be on one."""
        account, years = fact.account, self._sending(fact)
        if fact.wave is None:
            who = contacts.at(account) if account in asking else ()
            found = (contacts.candidate(each, account, years, None) for each in who)
            return replace(fact, candidates=tuple(found))
        wave = self.waves[account, fact.year.first]
        who = {
            each.contact: contacts.candidate(each.contact, account, years, wave.id, struck=each.struck)
            for each in wave.people
        }
        closed = self.accounts[account].closed_on
        return replace(fact, wave=wave.seen(who, replies=closed is None or closed > self.run.today))

    def answered_elsewhere(self, contacts: Contacts) -> Iterator[SurveyFacts]:
        """Imported surveys of open accounts, for the replies to their answers."""
        for wave, year in self.imported:
            row = self.accounts[wave.account]
            if row.closed_on is not None and row.closed_on <= self.run.today:
                continue
            fact = self._bare(wave.account, row.account_class, year, None)
            who = {
                each.contact: contacts.candidate(each.contact, wave.account, self._sending(fact), wave.id)
                for each in wave.people
            }
            yield replace(fact, wave=replace(wave.seen(who, replies=True), imported=True))

    def _sending(self, fact: SurveyFacts) -> range:
        """The calendar years in which the account is or would be asked."""
        if fact.meeting is None:
            return range(self.run.today.year, self.run.today.year + 1)
        policy = self.run.policy.of(fact.account).survey_dispatch
        days = survey_dates.window(fact, fact.meeting, policy)
        return range(days.first.year, days.last.year + 1)

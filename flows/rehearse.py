"""The time ahead with the real rules and the real cadence: who is told what, how often, where it is too much.

Everything is played on a copy of the database; nothing is written to the source and nothing is delivered: a
message counts as told the moment it is composed. A rule decides with the code that runs at night, for the
accounts about which it may say something new (flows/rehearsal/diary.py).
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from sqlmodel import Session

from flows.rehearsal import edges, findings, hours, meeting_diary, survey_diary
from flows.rehearsal.contact_diary import ContactDiary
from flows.rehearsal.diary import Diary, Everyday
from flows.rehearsal.diligence import Diligence
from flows.rehearsal.ear import Ear
from flows.rehearsal.findings import Rehearsed
from flows.rehearsal.plan_diary import PlanDiary
from flows.rehearsal.quarter_diary import QuarterDiary
from flows.rehearsal.record import Record
from flows.rehearsal.while_open import WhileOpen
from flows.runtime import Home
from kamflow.errors import InputError
from kamflow.store import carrying, copying, handover_note, messages, own_policy, people, scope
from kamflow.store import engine as db
from kamflow.store.apply import apply
from kamflow.store.registry import RULES
from kamflow.store.run import NO_ACCOUNT, Outcome, Run
from notifications import notices

LONGEST = 3 * 366
BATCH = 5_000  # accounts: nobody else waits for a lock on the copy
# A rule that is not named here is looked at every day for every account.
DIARIES: dict[str, Callable[[], Diary]] = {
    "contact_shortfall": ContactDiary,
    "plan_creation": PlanDiary,
    "quarterly_controlling": QuarterDiary,
    "measure_followup": lambda: WhileOpen("measure_followup", edges.of_measures),
    "department_requests": lambda: WhileOpen("department_requests", edges.of_requests),
    "annual_meeting": meeting_diary.diary,
    "survey_dispatch": survey_diary.diary,
}
# What an effect of one rule is to another, the same night.
FOLLOWS = {"ask_department": "department_requests"}
_AROUND = timedelta(days=120)  # as far as compose looks for absences
_DAY = timedelta(days=1)


def rehearse(
    home: Home,
    url: str,
    first: date,
    last: date,
    diligent: bool = False,
    progress: Callable[[date], None] = lambda _: None,
) -> Rehearsed:
    """Play the days from first to last of the database at `url` under the policy of `home`.

    `home.engine` is not used. Idle: nobody acts. Diligent: each told nudge is done on the next own working
    day (flows/rehearsal/diligence.py).

    Raises:
        InputError: the last day lies before the first, or more than three years after it.
        NotMigrated, StoreError: the database cannot be read.
    """
    if not timedelta() <= last - first <= timedelta(days=LONGEST):
        raise InputError(f"{first} to {last}: name a first day and a later last day, at most three years")
    with TemporaryDirectory(prefix="kamflow-rehearsal-") as folder:
        engine = copying.copy(url, Path(folder) / "kamflow.db")
        try:
            copied = replace(home, engine=engine)
            played = play(copied, first, last, diligent, progress)
            with db.read(engine) as session:
                played.record.written(session)
                return findings.found(session, played.record, copied)
        finally:
            engine.dispose()


def play(
    home: Home, first: date, last: date, diligent: bool, progress: Callable[[date], None] = lambda _: None
) -> "Play":
    """Play the days in the database of `home.engine`, which is a copy."""
    company = home.settings.company
    with db.write(home.engine) as session:
        copying.rewind(session, first)
        carried = carrying.forward(session, home.today(), first, last, company, home.policy.plan_creation)
        played = Play(session, home, Record(first, last, diligent, carried))
    for day in days(first, last):
        with _quickly(), db.write(home.engine) as session:
            played.day(session, day)
        progress(day)
    return played


def days(first: date, last: date) -> Iterator[date]:
    """Every day from first to last."""
    return (first + n * _DAY for n in range((last - first).days + 1))


class Play:
    """The state between two days."""

    def __init__(self, session: Session, home: Home, kept: Record) -> None:
        self._home, policy, company = home, home.policy, home.settings.company
        self.record, first, last = kept, kept.first, kept.last
        self._policy = own_policy.load(session, policy, first)
        self._new_policy_on = own_policy.begins(session, first)
        self._zone = ZoneInfo(company.zone)
        everybody = people.load(session, company, first - _AROUND, last + _AROUND)
        self._people = everybody
        # Nothing but welcomes, and the pages of accounts that were handed over before.
        began = policy.starting.go_live is not None
        self._notices = began or handover_note.any_open(session)
        self._zones = {member.zone for member in everybody.members.values()}
        self._diaries = {
            name: DIARIES.get(name, lambda rule=rule: Everyday(rule))() for name, rule in RULES.items()
        }
        self._ear = Ear(session, everybody, policy, company)
        self._ear.begin(session, first)
        self._diligence = Diligence(everybody, home) if kept.diligent else None
        kept.begin(session)

    def day(self, session: Session, day: date) -> None:
        """Play one day."""
        if day in self._new_policy_on:
            self._load_policy(session, day)
        midnight = datetime.combine(day, time(), self._zone).astimezone(UTC)
        self._touch(handover_note.arrived(session, day, midnight))
        cadence = self._home.policy.cadence
        for moment in hours.of_day(day, RULES, self._zones, cadence, self._zone):
            if moment.kind == "run":
                self._run(session, moment.what, day, moment.at)
            elif moment.kind == "tell":
                self._tell(session, moment.at)
            elif self._diligence is not None:
                self._act(session, day, moment.at)

    def _run(self, session: Session, name: str, day: date, at: datetime) -> None:
        home, diary = self._home, self._diaries[name]
        run = Run(session, name, day, at, self._policy, home.settings.company)
        outcome = Outcome()
        for batch in scope.batches(diary.due(run), BATCH):
            decision = diary.decide(run, batch)
            done = apply(run, decision, batch)
            for effect in decision.effects:
                if effect.name in FOLLOWS:
                    self._diaries[FOLLOWS[effect.name]].touch([effect.account or NO_ACCOUNT])
            if done.opened or done.updated or done.closed:
                self._ear.refresh(session, name, batch)
            outcome += done
        self.record.ran(day, name, outcome)

    def _load_policy(self, session: Session, day: date) -> None:
        """Thresholds of accounts that count from this day on."""
        before, self._policy = self._policy, own_policy.load(session, self._home.policy, day)
        self._touch(before.differing_for(self._policy))

    def _touch(self, accounts: Iterable[int]) -> None:
        """Let every rule look at these accounts anew."""
        for diary in self._diaries.values():
            diary.touch(accounts)

    def _tell(self, session: Session, at: datetime) -> None:
        if self._notices:
            home = self._home
            notices.compose(session, self._people, at, home.settings, home.policy)
        messages.all_sent(session, at)  # what rules wrote; a morning's paper compares with what was sent
        for heard in self._ear.tell(session, at):
            self.record.heard(heard)
            if self._diligence is not None:
                self._diligence.hear(heard.announcement)

    def _act(self, session: Session, day: date, at: datetime) -> None:
        assert self._diligence is not None  # noqa: S101 - asked by `day`
        self._diaries["quarterly_controlling"].touch(self._diligence.figures(session, day))
        for rule, accounts in self._diligence.act(session, day, at).items():
            self._ear.refresh(session, rule, accounts)
            for diary in self._diaries.values():
                diary.touch(accounts)


@contextmanager
def _quickly() -> Iterator[None]:
    """A day makes hundreds of thousands of values and hardly a cycle: Python looks for them between days."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()

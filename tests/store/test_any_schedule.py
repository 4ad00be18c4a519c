"""However a rule is scheduled, it ends in the state that running every day would have ended in."""

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine, delete, select
from sqlmodel import col

from flows.runtime import run_accounts
from kamflow.models.account import Account
from kamflow.models.controlling import StoredScorecard
from kamflow.models.event import Event
from kamflow.models.message import Document, MessageFacts, MessageStep, StoredMessage
from kamflow.models.nudge import StoredEffect, StoredNudge
from kamflow.models.plan import AccountPlan, PlanMilestone, PlanSection
from kamflow.models.run import FlowRun, Watermark
from kamflow.models.source import CompletePeriod
from kamflow.models.tables import METADATA
from kamflow.periods import previous_quarter
from kamflow.store import engine as db
from kamflow.store.registry import RULES
from tests.world import World, decide, decided

HORIZON = 7
PRODUCED = (
    Event,
    StoredEffect,
    StoredNudge,
    PlanSection,
    PlanMilestone,
    AccountPlan,
    StoredScorecard,
    Document,
    MessageStep,
    MessageFacts,
    StoredMessage,
    Watermark,
    FlowRun,
)
STARTS = [
    date(2026, 6, 27),
    date(2026, 9, 28),
    date(2026, 10, 9),
    date(2026, 10, 30),
    date(2026, 12, 4),
    date(2026, 12, 28),
]
DAYS = st.dates(date(2026, 1, 5), date(2026, 12, 31))


class Schedules(RuleBasedStateMachine):
    """Skips days, doubles runs, runs late, runs for one account only; compares at the end."""

    engine: Engine
    accounts: tuple[int, int]  # at least and at most

    @initialize(data=st.data(), start=st.sampled_from(STARTS))
    def facts(self, data: st.DataObject, start: date) -> None:
        """The same facts for both ways: contacts have dates, so each day knows only what was."""
        self.world, self.start, self.day = World(self.engine), start, start
        with db.write(self.engine) as session:
            for table in reversed(METADATA.sorted_tables):
                session.execute(delete(table))
        head = self.world.person("Lang", "head")
        kams = [
            self.world.person(f"Kam{n}", superior_id=head.id) for n in range(data.draw(st.integers(1, 2)))
        ]
        for number in range(data.draw(st.integers(*self.accounts))):
            self._account(data, number, kams)
        if data.draw(st.booleans()):
            ended = previous_quarter(start + timedelta(days=HORIZON))
            on = start + timedelta(days=data.draw(st.integers(0, HORIZON)))
            self.world.add(CompletePeriod(source="sap", first=ended.first, last=ended.last, complete_on=on))
        if data.draw(st.booleans()):
            first = data.draw(DAYS)
            self.world.absent(kams[0], first, first + timedelta(days=data.draw(st.integers(0, 20))))
        for day in self._days():
            self._night(day)
        self.daily = self._state()
        self._forget()

    def _account(self, data: st.DataObject, number: int, kams: list[Any]) -> None:
        kam = data.draw(st.sampled_from(kams))
        kind = data.draw(st.sampled_from(["key", "major", "A"]))
        account = self.world.account(
            f"A{number}", kam, account_class=kind, meeting_month=data.draw(st.sampled_from([None, 11, 3]))
        )
        self._business(data, account, kam)
        for place_number in range(data.draw(st.integers(0, 2))):
            influence = data.draw(st.sampled_from([None, 3, 8]))
            place = self.world.place(f"C{number}{place_number}", account, influence)
            self.world.target(kam, place, data.draw(st.sampled_from([0, 1, 2, 6, 12])))
            for day in data.draw(st.lists(DAYS, max_size=4)):
                self.world.meet(day, kam, place, data.draw(st.sampled_from(["held", "held", "booked"])))

    def _business(self, data: st.DataObject, account: Any, kam: Any) -> None:
        """Revenue of the quarter that ended, a goal, one measure and one request."""
        quarter = previous_quarter(self.start + timedelta(days=HORIZON))
        for kind, amounts in (("actual", [None, 400_000, 960_000]), ("target", [None, 1_000_000])):
            if amount := data.draw(st.sampled_from(amounts)):
                self.world.sold(account, quarter.last, amount, kind)
        days = st.dates(self.start - timedelta(days=5), self.start + timedelta(days=HORIZON + 5))
        if data.draw(st.booleans()):
            self.world.measure(account, data.draw(days), kam)
        if data.draw(st.booleans()):
            refused = {"state": "refused", "cause": "capacity", "decided_on": data.draw(days)}
            self.world.request(account, kam, **data.draw(st.sampled_from([{}, refused])))

    @rule(days=st.integers(1, 3))
    def time_passes(self, days: int) -> None:
        self.day = min(self.day + timedelta(days=days), self.start + timedelta(days=HORIZON))

    @rule()
    def whole_run(self) -> None:
        self._night(self.day)

    @rule(back=st.integers(1, 5), name=st.sampled_from(sorted(RULES)))
    def late_run(self, back: int, name: str) -> None:
        self.world.night(name, max(self.start, self.day - timedelta(days=back)))

    @rule(data=st.data(), back=st.integers(0, 2), name=st.sampled_from(sorted(RULES)))
    def one_account(self, data: st.DataObject, back: int, name: str) -> None:
        key = data.draw(st.sampled_from(self._keys()))
        day = max(self.start, self.day - timedelta(days=back))
        run_accounts(self.world.home(), name, decide(name), day, [key])

    def teardown(self) -> None:
        if hasattr(self, "daily"):
            self._night(self._days()[-1])
            assert self._state() == self.daily

    def _days(self) -> list[date]:
        return [self.start + timedelta(days=n) for n in range(HORIZON + 1)]

    def _night(self, day: date) -> None:
        for name in RULES:
            decided(self.world.home(), name, day)

    def _keys(self) -> list[str]:
        with db.read(self.engine) as session:
            return list(session.execute(select(col(Account.key))).scalars())

    def _state(self) -> tuple[list[Any], list[Any]]:
        nudges = [
            (row.identity, row.owner_id, row.since, row.due_on, row.stage, row.facts, row.why)
            for row in self.world.nudges()
        ]
        # A quarter that has lapsed when a late run comes is not looked at any more.
        over = f":{previous_quarter(self.start)}:"
        lapsed = previous_quarter(self.start) != previous_quarter(self._days()[-1])
        effects = {row.key: row.facts for row in self.world.effects() if not lapsed or over not in row.key}
        # A run that missed the preliminary days keeps the complete figures at once.
        kept = [(key, facts) for key, facts in effects.items() if f"{key}:1" not in effects]
        return nudges, [*kept, *self._scorecards()]

    def _scorecards(self) -> list[Any]:
        ended = previous_quarter(self._days()[-1])
        query = select(StoredScorecard).where(col(StoredScorecard.quarter_first) == ended.first)
        with db.read(self.engine) as session:
            rows = session.execute(query.order_by(col(StoredScorecard.account_id))).scalars()
            return [(row.account_id, row.state, row.light, row.facts) for row in rows]

    def _forget(self) -> None:
        with db.write(self.engine) as session:
            for table in PRODUCED:
                session.execute(delete(table))


def check(engine: Engine, examples: int, steps: int = 10, accounts: tuple[int, int] = (1, 4)) -> None:
    machine = type("Machine", (Schedules,), {"engine": engine, "accounts": accounts})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_random_schedules_end_in_the_state_of_running_every_day(sqlite_engine: Engine) -> None:
    """A few: each example runs every rule nearly a hundred times; below more of them on both databases."""
    check(sqlite_engine, 2, steps=6)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_so_do_more_with_more_accounts(engine: Engine) -> None:
    check(engine, 8 if engine.dialect.name == "sqlite" else 2, accounts=(3, 6))

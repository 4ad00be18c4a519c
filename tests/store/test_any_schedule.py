"""However a rule is scheduled, it ends in the state that running every day would have ended in."""

from datetime import date, timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import Engine, delete, select
from sqlmodel import col

from flows.runtime import run_accounts
from kamflow.models.account import Account
from kamflow.models.event import Event
from kamflow.models.nudge import StoredEffect, StoredNudge
from kamflow.models.plan import AccountPlan, PlanMilestone, PlanSection
from kamflow.models.run import FlowRun, Watermark
from kamflow.models.tables import METADATA
from kamflow.store import engine as db
from kamflow.store.registry import RULES
from tests.world import World, decide

HORIZON = 9
PRODUCED = (Event, StoredEffect, StoredNudge, PlanSection, PlanMilestone, AccountPlan, Watermark, FlowRun)
STARTS = [date(2026, 6, 27), date(2026, 9, 28), date(2026, 10, 26), date(2026, 12, 4), date(2026, 12, 28)]
DAYS = st.dates(date(2026, 1, 5), date(2026, 12, 31))


class Schedules(RuleBasedStateMachine):
    """Skips days, doubles runs, runs late, runs for one account only; compares at the end."""

    engine: Engine

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
        for number in range(data.draw(st.integers(1, 4))):
            self._account(data, number, kams)
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
        for place_number in range(data.draw(st.integers(0, 2))):
            influence = data.draw(st.sampled_from([None, 3, 8]))
            place = self.world.place(f"C{number}{place_number}", account, influence)
            self.world.target(kam, place, data.draw(st.sampled_from([0, 1, 2, 6, 12])))
            for day in data.draw(st.lists(DAYS, max_size=4)):
                self.world.meet(day, kam, place, data.draw(st.sampled_from(["held", "held", "booked"])))

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
            self.world.night(name, day)

    def _keys(self) -> list[str]:
        with db.read(self.engine) as session:
            return list(session.execute(select(col(Account.key))).scalars())

    def _state(self) -> tuple[list[Any], list[Any]]:
        nudges = [
            (row.identity, row.owner_id, row.since, row.due_on, row.stage, row.facts, row.why)
            for row in self.world.nudges()
        ]
        return nudges, [(row.key, row.facts) for row in self.world.effects()]

    def _forget(self) -> None:
        with db.write(self.engine) as session:
            for table in PRODUCED:
                session.execute(delete(table))


def test_random_schedules_end_in_the_state_of_running_every_day(engine: Engine) -> None:
    machine = type("Machine", (Schedules,), {"engine": engine})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(5, settings().max_examples // 8),
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

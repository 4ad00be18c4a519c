"""A flow that owes days is asked for one run with today's date, again later while it still owes them."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from flows import catch_up, runtime
from flows.catch_up import CatchUp
from flows.prefect_server import FLOWS, Start, Started, Unanswered
from flows.runtime import Home, Visit
from kamflow.models.watch import Supervisor
from kamflow.store import engine as db
from kamflow.store import owed
from kamflow.store.run import Outcome
from tests.conftest import FixedClock
from tests.world import World

ZONE = "Europe/Berlin"
MONDAY = date(2026, 9, 7)
MORNING = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)


@dataclass
class Asked:
    """A Prefect that remembers what was started, by key; `over`: keys whose runs have ended."""

    starts: list[Start] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    down: bool = False

    async def start(self, start: Start) -> Started:
        if self.down:
            raise Unanswered("ConnectError")
        self.starts.append(start)
        return Started(f"run of {start.key}", ended=start.key in self.over)

    def flows(self) -> list[str]:
        return [each.flow for each in self.starts]


@pytest.fixture
def world(sqlite_engine: Engine) -> World:
    return World(sqlite_engine)


@pytest.fixture
def home(world: World, clock: FixedClock) -> Home:
    """A home whose flows all ran on Thursday morning and then no more."""
    home = replace(world.home(), now=clock)
    clock.at = MORNING - timedelta(days=4)
    for flow in FLOWS:
        finished(home, flow)
    clock.at = MORNING
    return home


def finished(home: Home, flow: str) -> None:
    runtime.recorded(home, flow, home.today(), None, Visit(), Outcome)


def days(home: Home, flow: str = "contact_shortfall") -> list[date]:
    with db.read(home.engine) as session:
        return owed.owed(session, flow, home.now(), ZONE)


def test_the_days_without_a_run_are_owed_until_a_later_run_covers_them(home: Home) -> None:
    assert days(home) == [date(2026, 9, 4), date(2026, 9, 5), date(2026, 9, 6), MONDAY]

    finished(home, "contact_shortfall")
    assert days(home) == []


@pytest.mark.parametrize(("utc", "owes"), [("03:16", False), ("03:29", False), ("03:30", True)])
def test_today_is_owed_a_quarter_of_an_hour_after_its_time(
    home: Home, clock: FixedClock, utc: str, owes: bool
) -> None:
    clock.at = datetime.fromisoformat(f"2026-09-07T{utc}:00+00:00")

    assert (MONDAY in days(home)) == owes


def test_a_flow_that_never_ran_owes_what_was_due_since_kamflow_is_up(world: World) -> None:
    home = world.home()
    with db.write(home.engine) as session:
        assert owed.owed(session, "intake", MORNING, ZONE) == []
        began = MORNING - timedelta(days=1, hours=3)  # Sunday, 05:30: the intake was due at 04:00
        session.add(
            Supervisor(
                name="a", host="a", path="/", pid=1, version="1", started_at=began, seen_at=began
            )
        )  # fmt: skip
    with db.read(home.engine) as session:
        assert owed.owed(session, "intake", MORNING, ZONE) == [MONDAY]


def test_the_intake_goes_first_then_each_flow_is_asked_for_once_with_todays_date(
    home: Home, clock: FixedClock
) -> None:
    prefect = Asked()
    job = CatchUp(home, prefect)

    asyncio.run(job.beat())
    assert prefect.flows() == ["intake"]
    finished(home, "intake")
    asyncio.run(job.beat())
    asyncio.run(job.beat())
    assert prefect.flows() == [*FLOWS]
    assert {each.as_of for each in prefect.starts} == {MONDAY}
    assert prefect.starts[1].key == "catch-up:plan_creation:2026-09-07"


def test_a_run_that_failed_is_asked_for_again_under_another_key_one_that_waits_is_not(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catch_up, "AGAIN", (0.0,))
    prefect = Asked()
    job = CatchUp(home, prefect)

    assert asyncio.run(job.beat()) == ["intake"]
    assert asyncio.run(job.beat()) == []
    prefect.over.add("catch-up:intake:2026-09-07")
    assert asyncio.run(job.beat()) == ["intake"]
    assert prefect.starts[-1].key == "catch-up:intake:2026-09-07:2"


def test_what_fails_all_day_is_left_to_a_person(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_up, "AGAIN", (0.0,))
    keys = [f"catch-up:intake:2026-09-07{suffix}" for suffix in ("", *(f":{n}" for n in range(2, 11)))]
    prefect = Asked(over={*keys})

    asyncio.run(CatchUp(home, prefect).beat())
    assert [each.key for each in prefect.starts] == keys


def test_without_prefect_it_is_asked_again_at_the_next_beat(home: Home) -> None:
    prefect = Asked(down=True)
    job = CatchUp(home, prefect)

    assert asyncio.run(job.beat()) == []
    prefect.down = False
    assert asyncio.run(job.beat()) == ["intake"]

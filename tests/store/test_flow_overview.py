"""What the overview says of the flows: last run, missing days, the next hour by the company's clock."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from kamflow.models.run import FlowRun
from kamflow.models.watch import Supervisor
from kamflow.store import engine as db
from kamflow.store import owed
from kamflow.store.flow_overview import FlowState, flows
from tests.world import World

MORNING = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)  # 08:30 in Berlin


def seen(engine: Engine, now: datetime = MORNING) -> dict[str, FlowState]:
    with db.read(engine) as session:
        return {each.flow: each for each in flows(session, now, "Europe/Berlin")}


def ran(world: World, flow: str, day: date, state: str = "finished", **more: object) -> FlowRun:
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return world.add(FlowRun(**{"flow": flow, "as_of": day, "state": state, "started_at": at} | more))


def test_a_flow_that_never_ran_owes_nothing_and_runs_tonight(engine: Engine) -> None:
    found = seen(engine)

    assert list(found)[:2] == ["intake", "plan_creation"]
    assert (found["intake"].last_run, found["intake"].missing) == (None, ())
    assert found["intake"].next_at == datetime(2026, 9, 8, 2, tzinfo=UTC)  # 04:00 in Berlin


def test_days_without_an_end_are_missing_unless_a_later_run_covers_them(engine: Engine) -> None:
    world = World(engine)
    for day, state in ((1, "failed"), (2, "covered"), (3, "finished"), (5, "failed"), (7, "failed")):
        ran(world, "intake", date(2026, 9, day), state, error="OSError" if state == "failed" else None)
    ran(world, "intake", date(2026, 9, 6), whole=False, accounts=3)
    intake = seen(engine)["intake"]

    assert [day.day for day in intake.missing] == [4, 5, 6, 7]
    assert intake.finished_for == date(2026, 9, 3)
    assert (intake.last_state, intake.last_day, intake.last_error) == ("failed", date(2026, 9, 7), "OSError")


@pytest.mark.parametrize(("hour", "missing"), [(1, []), (2, [date(2026, 9, 7)])])
def test_a_day_is_missing_from_its_hour_on(engine: Engine, hour: int, missing: list[date]) -> None:
    ran(World(engine), "intake", date(2026, 9, 6))

    assert list(seen(engine, datetime(2026, 9, 7, hour, tzinfo=UTC))["intake"].missing) == missing


def test_a_home_that_was_up_before_its_first_night_owes_it(engine: Engine) -> None:
    eve = datetime(2026, 9, 6, 20, tzinfo=UTC)
    up = Supervisor(name="a", host="a", path="/", pid=1, version="1", started_at=eve, seen_at=eve)
    World(engine).add(up)

    assert seen(engine)["intake"].missing == (date(2026, 9, 7),)


@pytest.mark.parametrize("flow", ["intake", "plan_creation"])
def test_missing_is_what_catch_up_owes(engine: Engine, flow: str) -> None:
    world = World(engine)
    for day, state in ((1, "failed"), (3, "finished"), (5, "crashed")):
        ran(world, "intake", date(2026, 9, day), state)
    with db.read(engine) as session:
        owes = owed.owed(session, flow, MORNING, "Europe/Berlin")

    assert [day for day in owes if day > date(2026, 9, 3)] == list(seen(engine)[flow].missing)


def test_what_is_at_work_says_since_when(engine: Engine) -> None:
    world = World(engine)
    ran(world, "intake", date(2026, 9, 6))
    row = ran(world, "intake", date(2026, 9, 7), "running")

    assert seen(engine)["intake"].running_since == row.started_at


def test_the_next_hour_is_the_same_by_the_clock_on_the_wall_in_winter(engine: Engine) -> None:
    eve = datetime(2026, 10, 24, 12, tzinfo=UTC)  # the night in which summer time ends

    assert seen(engine, eve)["intake"].next_at == datetime(2026, 10, 25, 3, tzinfo=UTC)

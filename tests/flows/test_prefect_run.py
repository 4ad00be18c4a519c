"""What a flow's body does inside Prefect, whose idea of the current run is set here."""

import asyncio
from datetime import UTC, date, datetime
from threading import Event
from typing import Any

import pytest

from flows.runtime import Home, Visit
from kamflow.errors import ConfigError
from kamflow.store.run import Outcome
from tests.world import World

SCHEDULED = datetime(2026, 9, 7, 22, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_run_of_tuesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scheduled for 00:30 on Tuesday, 8 September, in Berlin: still Monday in UTC."""
    from prefect.runtime import flow_run

    monkeypatch.setitem(flow_run.FIELDS, "id", lambda: "5b1c")
    monkeypatch.setitem(flow_run.FIELDS, "scheduled_start_time", lambda: SCHEDULED)


def visit(world: World, as_of: date | None, work: Any) -> tuple[Any, Any]:
    """Run `work` as the body of a flow; returns its outcome and the call that brought the home."""
    from flows import prefect_run

    call = prefect_run.Call(world.home())
    brought = prefect_run.CALL.set(call)
    try:
        return asyncio.run(prefect_run.visit(as_of, work)), call
    finally:
        prefect_run.CALL.reset(brought)


def remembering(days: list[date]) -> Any:
    def work(home: Home, day: date, visit: Visit) -> Outcome:
        days.append(day)
        return Outcome(opened=1)

    return work


def test_a_late_run_decides_for_its_scheduled_day_in_the_companys_zone(world: World) -> None:
    days: list[date] = []
    outcome, call = visit(world, None, remembering(days))

    assert days == [date(2026, 9, 8)]
    assert outcome == call.outcome == Outcome(opened=1)


def test_a_day_that_was_asked_for_wins(world: World) -> None:
    days: list[date] = []
    visit(world, date(2026, 9, 1), remembering(days))

    assert days == [date(2026, 9, 1)]


def test_prefect_is_told_the_kind_of_an_error_and_no_name(world: World) -> None:
    from flows.prefect_run import RunFailed

    def work(home: Home, day: date, visit: Visit) -> Outcome:
        raise ValueError("Muster AG")

    with pytest.raises(RunFailed, match=r"^ValueError in .*work, line \d+$") as told:
        visit(world, None, work)
    assert told.value.__suppress_context__


def test_an_error_about_the_installation_is_told_in_full() -> None:
    from flows.prefect_run import described

    assert described(ConfigError("kamflow.toml: unknown: smpt")) == "ConfigError: kamflow.toml: unknown: smpt"


def test_a_cancelled_run_tells_its_thread_to_stop(world: World) -> None:
    from flows import prefect_run

    begun, stopped = Event(), Event()

    def work(home: Home, day: date, visit: Visit) -> Outcome:
        begun.set()
        if visit.stop.wait(20):
            stopped.set()
        return Outcome()

    async def cancelled() -> None:
        brought = prefect_run.CALL.set(prefect_run.Call(world.home()))
        running = asyncio.ensure_future(prefect_run.visit(None, work))
        await asyncio.to_thread(begun.wait, 20)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        prefect_run.CALL.reset(brought)

    asyncio.run(cancelled())
    assert stopped.is_set()

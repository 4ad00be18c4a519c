"""What a flow's body does inside Prefect, whose idea of the current run is set here."""

import asyncio
import re
from datetime import UTC, date, datetime
from threading import Event
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from flows.runtime import Home, Visit
from kamflow.errors import ConfigError, NotFound, NotMigrated
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
        return asyncio.run(prefect_run.visit("contact_shortfall", as_of, work)), call
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


def test_prefect_is_told_what_failed_where_and_what_to_do_and_no_name(world: World) -> None:
    def work(home: Home, day: date, visit: Visit) -> Outcome:
        raise ValueError("Muster AG")

    state, call = visit(world, None, work)
    assert state.type == "FAILED"
    assert re.match(
        r"contact_shortfall for 2026-09-08 failed: ValueError in .*work, line \d+\.", state.message
    )
    assert "report it" in state.message
    assert "Muster" not in state.message
    assert str(call.error) == "Muster AG"


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (NotFound("no account Muster"), "does not exist"),
        (ConfigError("kamflow.toml: unknown: smpt"), "kamflow config check"),
        (NotMigrated("the database is older"), "kamflow doctor"),
        (OperationalError("SELECT 'Muster'", {}, Exception("locked")), "locked or away"),
        (OSError(28, "No space left", "Muster.xlsx"), "free space"),
    ],
)
def test_a_reason_says_how_to_mend_it(error: Exception, mend: str) -> None:
    from flows.reasons import reason

    said = reason(error, "measure_followup", date(2026, 9, 8), [4, 5])
    assert mend in said
    assert "in a batch of 2 accounts" in said
    assert "Muster" not in said


def test_an_error_about_the_installation_is_told_in_full() -> None:
    from flows.logs import described

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
        running = asyncio.ensure_future(prefect_run.visit("contact_shortfall", None, work))
        await asyncio.to_thread(begun.wait, 20)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        prefect_run.CALL.reset(brought)

    asyncio.run(cancelled())
    assert stopped.is_set()

"""What runs are called in Prefect."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.world import World


def name(
    world: World, monkeypatch: pytest.MonkeyPatch, flow: str, given: str = "big-camel", **parameters: Any
) -> str:
    from prefect.runtime import flow_run

    from flows import named, prefect_run

    late = datetime(2026, 9, 7, 22, 30, tzinfo=UTC)  # Tuesday in Berlin
    fields = {"name": given, "flow_name": flow, "parameters": parameters, "scheduled_start_time": late}
    for field, value in fields.items():
        monkeypatch.setitem(flow_run.FIELDS, field, lambda value=value: value)
    brought = prefect_run.CALL.set(prefect_run.Call(world.home()))
    try:
        return named.run_name()
    finally:
        prefect_run.CALL.reset(brought)


@pytest.mark.parametrize(
    ("flow", "parameters", "wanted"),
    [
        ("contact-shortfall", {}, "contact-shortfall 2026-09-08"),
        ("contact-shortfall", {"as_of": date(2026, 9, 1)}, "contact-shortfall 2026-09-01"),
        ("contact-shortfall", {"as_of": "2026-09-01"}, "contact-shortfall 2026-09-01"),
        ("quarterly-controlling", {"as_of": "2026-10-05"}, "quarterly-controlling 2026-Q3"),
        ("contact-shortfall", {"as_of": "nonsense"}, "big-camel"),
    ],
)
def test_a_run_is_called_by_its_day_or_its_quarter(
    flow: str,
    parameters: dict[str, Any],
    wanted: str,
    sqlite_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert name(World(sqlite_engine), monkeypatch, flow, **parameters) == wanted


@pytest.mark.parametrize("given", ["events-7", "asked-for-9", "catch-up contact-shortfall 2026-09-07"])
def test_what_the_clock_asked_for_keeps_its_name(
    given: str, sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert name(World(sqlite_engine), monkeypatch, "contact-shortfall", given) == given

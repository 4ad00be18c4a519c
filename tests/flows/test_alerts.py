"""A run that failed is an incident, with ids and kinds only."""

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows import runtime
from flows.runtime import Visit
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from kamflow.store import incidents, ledger
from kamflow.store.incidents import Known
from tests.world import STAMP, World

NUMBER = UUID("0a1b2c3d-0000-4000-8000-000000000001")
FLOW = SimpleNamespace(name="contact-shortfall")
DAY = date(2026, 9, 7)


@pytest.fixture
def called(world: World) -> Iterator[World]:
    """The world whose home a command brought along."""
    from flows import prefect_run

    brought = prefect_run.CALL.set(prefect_run.Call(world.home()))
    yield world
    prefect_run.CALL.reset(brought)


def hook(state: str) -> None:
    from flows.alerts import alert

    ended: Any = SimpleNamespace(type=SimpleNamespace(value=state))
    alert(flow=FLOW, flow_run=SimpleNamespace(id=NUMBER), state=ended)


def troubles(world: World) -> list[Known]:
    with db.read(world.engine) as session:
        return incidents.open_now(session)


def failing_run(world: World) -> None:
    def body() -> Any:
        raise KeyError("Muster AG")

    with pytest.raises(KeyError):
        runtime.recorded(world.home(), "contact_shortfall", DAY, None, Visit(str(NUMBER)), body)


def test_a_run_that_fails_again_and_again_is_one_incident(called: World) -> None:
    failing_run(called)
    hook("FAILED")
    hook("FAILED")

    (trouble,) = troubles(called)
    assert (trouble.key, trouble.kind, trouble.told_at) == ("run:contact_shortfall", "run", None)
    assert (trouble.facts["cause"], trouble.facts["error"]) == ("failed", "KeyError")


def test_a_run_whose_process_was_killed_does_not_stay_running(called: World) -> None:
    ledger.start(called.engine, "contact_shortfall", DAY, None, STAMP, str(NUMBER))
    hook("CRASHED")

    with db.read(called.engine) as session:
        row = session.execute(select(FlowRun).order_by(col(FlowRun.id))).scalar_one()
    assert (row.state, row.finished_at) == ("crashed", STAMP)
    assert troubles(called)[0].facts == {"cause": "crashed", "error": None, "run": row.id}


def test_a_crash_before_anything_was_written_is_known_all_the_same(called: World) -> None:
    hook("CRASHED")

    assert troubles(called)[0].facts == {"cause": "crashed", "error": None, "run": 0}


def test_who_cancels_a_run_knows_it(called: World) -> None:
    hook("CANCELLING")

    assert troubles(called) == []

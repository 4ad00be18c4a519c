"""Somebody of operations asks for a run; how often Prefect is asked about one that is going."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import Engine

from flows import relay
from flows.relay import Looks
from kamflow.store.relay_batches import Going
from tests.flows.relaying import Relayed
from tests.world import World


@pytest.fixture
def relayed(sqlite_engine: Engine) -> Relayed:
    return Relayed(World(sqlite_engine))


def test_a_run_somebody_asked_for_is_a_whole_run_of_its_own_for_its_day(relayed: Relayed) -> None:
    async def story() -> int:
        relayed.happened("run.requested", flow="measure_followup", as_of="2026-09-03")
        relayed.happened("measure.done")
        relayed.happened("run.requested", flow="measure_followup", as_of="2026-09-04")
        return await relayed.until_quiet()

    assert asyncio.run(story()) == 3
    assert [(ask.as_of, ask.accounts, ask.fixed_day) for ask in relayed.prefect.runs.values()] == [
        (relayed.today(), None, False),
        (date(2026, 9, 3), None, True),
        (date(2026, 9, 4), None, True),
    ]


@pytest.mark.parametrize(
    "payload",
    [{"flow": "nonsense", "as_of": "2026-09-03"}, {"flow": "intake"}, {"flow": "intake", "as_of": "soon"}],
)
def test_a_request_that_nobody_understands_starts_nothing(relayed: Relayed, payload: dict) -> None:
    relayed.happened("run.requested", **payload)

    assert asyncio.run(relayed.beat()) == 1
    assert relayed.batches() == []


def test_a_run_whose_process_is_killed_again_and_again_is_asked_for_for_longer(relayed: Relayed) -> None:
    class Killed(Exception):
        """As the watchdog writes it."""

    async def story() -> None:
        relayed.happened("measure.done")
        for killed in (*[True] * 10, *[False] * 3):
            await relayed.beat(200)
            relayed.finish(Killed() if killed else None)

    asyncio.run(story())
    (batch,) = relayed.batches()
    assert (batch.state, batch.cause, batch.failed) == ("done", None, 5)


def test_prefect_is_asked_ever_more_seldom_about_an_old_run(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [0.0]
    monkeypatch.setattr(relay, "monotonic", lambda: at[0])
    looks, going, asked = Looks(), [Going(1, "r1", over=False)], []
    for beat in range(1200):
        at[0] = beat / 2
        if looks.due(going):
            asked.append(at[0])

    assert asked[:4] == [0, 0.5, 1, 1.5]
    assert sum(1 for each in asked if each >= 540) == 4
    assert looks.due([Going(1, "r1", over=True)])

"""One clock among several supervisors: who leads, who takes over, who lets go."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from flows import leading
from flows.leading import GONE_SECONDS, LEASE_SECONDS, LETS_GO_SECONDS, Leader
from flows.runtime import Home
from kamflow.store import leases
from tests.conftest import FixedClock
from tests.world import World


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [100.0]
    monkeypatch.setattr(leading, "monotonic", lambda: at[0])
    return at


def a_home(engine: Engine, clock: FixedClock) -> Home:
    return replace(World(engine).home(), now=clock)


def test_a_killed_leader_is_followed_by_the_other_within_the_lease(
    engine: Engine, clock: FixedClock, stopwatch: list[float]
) -> None:
    home = a_home(engine, clock)
    first, second = Leader(home, "first"), Leader(home, "second")

    def beat() -> tuple[bool, bool]:
        for each in (first, second):
            asyncio.run(each.beat())
        return first.leads(), second.leads()

    assert beat() == (True, False)
    clock.advance(seconds=LEASE_SECONDS)  # in which the first was killed
    stopwatch[0] += LEASE_SECONDS
    assert not first.leads()
    asyncio.run(second.beat())
    assert second.leads()
    assert beat() == (False, True)


def test_a_clock_that_is_wrong_or_jumps_takes_nobody_the_lease(
    engine: Engine, clock: FixedClock, stopwatch: list[float]
) -> None:
    home = a_home(engine, clock)
    first = Leader(home, "first")
    asyncio.run(first.beat())
    for hours in (-5, 5):
        second = Leader(replace(home, now=lambda hours=hours: clock() + timedelta(hours=hours)), "second")
        second._others = ("somebody", clock())  # it has looked before
        for _ in range(5):
            asyncio.run(second.beat())
            assert (first.leads(), second.leads()) == (True, False)
            clock.advance(seconds=3)
            stopwatch[0] += 3
            asyncio.run(first.beat())

    asyncio.run(second.beat())  # at last the first is killed
    stopwatch[0] += GONE_SECONDS
    asyncio.run(second.beat())
    assert second.leads()
    assert LETS_GO_SECONDS < GONE_SECONDS < LEASE_SECONDS


def test_a_leader_without_its_database_lets_go_before_another_can_have_the_lease(
    sqlite_engine: Engine, clock: FixedClock, stopwatch: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    leader = Leader(a_home(sqlite_engine, clock), "first")
    asyncio.run(leader.beat())

    def gone(*_: object) -> bool:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(leases, "taken", gone)
    stopwatch[0] += LETS_GO_SECONDS - 1
    with pytest.raises(OperationalError):
        asyncio.run(leader.beat())
    assert leader.leads()
    stopwatch[0] += 1
    assert not leader.leads()
    assert LETS_GO_SECONDS < LEASE_SECONDS


def test_who_stops_gives_the_lease_back(sqlite_engine: Engine, clock: FixedClock) -> None:
    home = a_home(sqlite_engine, clock)
    first, second = Leader(home, "first"), Leader(home, "second")

    async def story() -> None:
        await first.beat()
        await first.give_back()
        await second.beat()

    asyncio.run(story())
    assert (first.leads(), second.leads()) == (False, True)

"""Runs whose process is gone end in our ledger and in Prefect; those at work are left alone."""

import asyncio
import socket
import subprocess
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from flows import alive, watchdog
from flows.prefect_server import AtWork, Unanswered
from flows.watchdog import Watchdog
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from kamflow.store import ledger, run_rows
from kamflow.store.run import Outcome
from tests.world import STAMP, World

DAY = date(2026, 9, 7)


@dataclass
class AtWorkThere:
    """A Prefect that believes these runs to be at work, and remembers the states it is given."""

    runs: list[AtWork] = field(default_factory=list)
    takers: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    down: bool = False

    async def at_work(self) -> list[AtWork]:
        if self.down:
            raise Unanswered("ConnectError")
        return self.runs

    async def taken_by(self, run: str) -> str | None:
        return self.takers.get(run)

    async def end(self, run: str, state: str, why: str) -> None:
        assert why
        self.ended[run] = state


@pytest.fixture
def world(sqlite_engine: Engine) -> World:
    return World(sqlite_engine)


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWICE", "UNSEEN", "UNTOLD"):
        monkeypatch.setattr(watchdog, name, 0.0)


def begun(world: World, prefect_id: str, worker: str | None) -> int:
    by = ledger.By(worker=worker)
    return ledger.start(world.engine, "contact_shortfall", DAY, None, STAMP, prefect_id, by)


def killed() -> str:
    """A process that has ended."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return f"{socket.gethostname()}:{ended.pid}:1"


def state(world: World, number: int) -> tuple[str, str | None]:
    with db.read(world.engine) as session:
        row = session.get_one(FlowRun, number)
        return row.state, row.error


def test_a_run_whose_process_was_killed_is_crashed_in_both(world: World, no_patience: None) -> None:
    gone, here = begun(world, "r1", killed()), begun(world, "r2", alive.me())
    prefect = AtWorkThere([AtWork("r1", "RUNNING"), AtWork("r2", "RUNNING")])

    assert asyncio.run(Watchdog(world.home(), prefect).beat()) == 2
    assert (state(world, gone), state(world, here)) == (("crashed", "Killed"), ("running", None))
    assert prefect.ended == {"r1": "CRASHED"}


def test_a_row_seen_dead_once_is_looked_at_again_before_it_is_closed(world: World) -> None:
    number = begun(world, "r1", killed())

    assert asyncio.run(Watchdog(world.home(), AtWorkThere()).beat()) == 0
    assert state(world, number) == ("running", None)


def test_a_run_that_ended_in_our_ledger_ends_in_prefect(world: World, no_patience: None) -> None:
    well, ill = begun(world, "r1", alive.me()), begun(world, "r2", alive.me())
    ledger.finish(world.engine, well, Outcome(), STAMP, [])
    ledger.fail(world.engine, ill, "KeyError", STAMP)
    prefect = AtWorkThere([AtWork("r1", "RUNNING"), AtWork("r2", "CANCELLING")])

    asyncio.run(Watchdog(world.home(), prefect).beat())
    assert prefect.ended == {"r1": "COMPLETED", "r2": "FAILED"}


def test_a_run_that_never_wrote_into_the_ledger_is_given_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefect = AtWorkThere([AtWork("r1", "PENDING")])
    dog = Watchdog(world.home(), prefect)

    assert asyncio.run(dog.beat()) == 0
    monkeypatch.setattr(watchdog, "UNSEEN", 0.0)
    assert asyncio.run(dog.beat()) == 1
    assert prefect.ended == {"r1": "CRASHED"}


def test_a_run_that_was_taken_by_a_runner_that_is_gone_is_not_given_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    takers = {"taken": killed(), "begun": killed(), "alive": alive.me(), "elsewhere": "elsewhere:1:1"}
    states = {"begun": "RUNNING"}
    prefect = AtWorkThere([AtWork(each, states.get(each, "PENDING")) for each in takers], takers)
    dog = Watchdog(world.home(), prefect)

    assert asyncio.run(dog.beat()) == 0  # what it began a moment before may still be written
    monkeypatch.setattr(watchdog, "TWICE", 0.0)
    assert asyncio.run(dog.beat()) == 2
    assert prefect.ended == {"taken": "CRASHED", "begun": "CRASHED"}


def test_a_killed_run_that_is_tried_again_is_given_the_time_to_begin(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.write(world.engine) as session:
        run_rows.close_dead(session, begun(world, "r1", killed()), STAMP)
    prefect = AtWorkThere([AtWork("r1", "PENDING")], {"r1": alive.me()})
    dog = Watchdog(world.home(), prefect)

    assert asyncio.run(dog.beat()) == 0
    monkeypatch.setattr(watchdog, "UNTOLD", 0.0)
    assert asyncio.run(dog.beat()) == 1
    assert prefect.ended == {"r1": "CRASHED"}


def test_without_prefect_the_ledger_is_mended_all_the_same(world: World, no_patience: None) -> None:
    number = begun(world, "r1", killed())

    assert asyncio.run(Watchdog(world.home(), AtWorkThere(down=True)).beat()) == 1
    assert state(world, number)[0] == "crashed"


def test_a_worker_elsewhere_whose_clock_is_behind_is_not_dead_while_it_says_that_it_lives(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, number = [0.0], begun(world, "r1", "elsewhere:1:1")
    monkeypatch.setattr(watchdog, "monotonic", lambda: at[0])
    home = replace(world.home(), now=lambda: STAMP + timedelta(seconds=600 + at[0]))
    dog, said = Watchdog(home, AtWorkThere()), []
    for beat in range(10):
        if beat < 5:
            with db.write(world.engine) as session:
                run_rows.alive(session, number, STAMP + timedelta(seconds=at[0]))
        at[0] += alive.SECONDS
        said.append(asyncio.run(dog.beat()))

    assert said == [0] * 7 + [1, 0, 0]


@pytest.mark.parametrize(("silent", "dead"), [(60, False), (600, True)])
def test_a_worker_of_another_machine_is_dead_when_it_says_nothing(silent: int, dead: bool) -> None:
    assert alive.dead("elsewhere:1:1", STAMP, STAMP + timedelta(seconds=silent)) == dead

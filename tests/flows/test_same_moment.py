"""Two processes that run the same rule at the same moment double nothing and lose nothing."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import TypeAlias

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.event import Event
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from tests.world import World

RULES = ("plan_creation", "contact_shortfall")
RUN = """
import multiprocessing
import sys
from datetime import date
from flows import logs, runtime
from kamflow.store import engine as db
from tests.world import World

logs.configure(runtime.clock)  # else the log would come between the answers
fork = multiprocessing.get_context("fork")  # what is imported above is there in each of them

def work(start, url, day, rules):
    world = World(db.connect(url))
    start.wait()
    for rule in rules:
        world.night(rule, date.fromisoformat(day))
    world.engine.dispose()

for line in sys.stdin:
    url, rules, *days = line.split()
    start = fork.Barrier(len(days))
    working = [fork.Process(target=work, args=(start, url, day, rules.split(","))) for day in days]
    for process in working:
        process.start()
    for process in working:
        process.join()
    print(*(process.exitcode for process in working), flush=True)
"""
Starter: TypeAlias = "subprocess.Popen[str]"


@pytest.fixture(scope="module")
def starter() -> Iterator[Starter]:
    """A process that starts the others, for all tests: what they import takes longer than a night."""
    command = [sys.executable, "-c", RUN]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield started
    started.communicate(timeout=50)


def at_once(starter: Starter, url: str, *days: date) -> None:
    """Run all rules for these days, one process each, all from the same moment on."""
    starter.stdin.write(f"{url} {','.join(RULES)} {' '.join(map(str, days))}\n")
    starter.stdin.flush()
    assert starter.stdout.readline().split() == ["0"] * len(days)


def key_company(world: World, accounts: int) -> None:
    witt = world.person("Witt")
    for number in range(accounts):
        account = world.account(f"acc-{number}", witt, account_class="key")
        place = world.place(f"Lech{number}", account, 8)
        world.target(witt, place, 12)
        world.meet(date(2026, 1, 12), witt, place)


def opened(engine: Engine) -> int:
    with db.read(engine) as session:
        return len(session.execute(select(Event).where(col(Event.name) == "nudge.opened")).all())


def test_the_same_day_twice_at_once_is_as_once(starter: Starter, engine: Engine, database_url: str) -> None:
    world = World(engine)
    key_company(world, 6)
    at_once(starter, database_url, date(2026, 9, 7), date(2026, 9, 7))

    nudges, effects = world.nudges(), world.effects()
    assert len({nudge.identity for nudge in nudges}) == len(nudges) == opened(engine)
    assert len([nudge for nudge in nudges if nudge.rule == "contact_shortfall"]) == 6
    assert len({effect.key for effect in effects}) == len(effects) == 12  # a draft and a calendar entry each
    for rule in RULES:
        again = world.night(rule, date(2026, 9, 7))
        assert (again.opened, again.updated, again.closed, again.effects) == (0, 0, 0, 0)


def test_two_days_at_once_end_as_the_later_one(starter: Starter, engine: Engine, database_url: str) -> None:
    world = World(engine)
    key_company(world, 6)
    at_once(starter, database_url, date(2026, 9, 7), date(2026, 9, 10), date(2026, 9, 10))

    with db.read(engine) as session:
        rows = list(session.execute(select(FlowRun.flow, FlowRun.as_of, FlowRun.state)))
    covered = [(flow, day) for flow, day, state in rows if state == "covered"]
    assert len(set(covered)) == len(covered), "a day is covered once"
    for rule in RULES:
        again = world.night(rule, date(2026, 9, 10))
        assert (again.opened, again.updated, again.closed, again.superseded) == (0, 0, 0, 0)

"""Two processes that run the same rule at the same moment double nothing and lose nothing."""

import subprocess
import sys
from datetime import date

from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.event import Event
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from tests.world import World

RULES = ("plan_creation", "contact_shortfall")
RUN = """
import sys
from datetime import date
from kamflow.store import engine as db
from tests.world import World

world = World(db.connect(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for rule in sys.argv[3:]:
    world.night(rule, date.fromisoformat(sys.argv[2]))
"""


def start(url: str, day: date) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", RUN, url, day.isoformat(), *RULES]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def at_once(url: str, *days: date) -> None:
    """Run all rules for these days, one process each, all from the same moment on."""
    processes = [start(url, day) for day in days]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=50)
        assert process.returncode == 0


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


def test_the_same_day_twice_at_once_is_as_once(engine: Engine, database_url: str) -> None:
    world = World(engine)
    key_company(world, 30)
    at_once(database_url, date(2026, 9, 7), date(2026, 9, 7))

    nudges, effects = world.nudges(), world.effects()
    assert len({nudge.identity for nudge in nudges}) == len(nudges) == opened(engine)
    assert len([nudge for nudge in nudges if nudge.rule == "contact_shortfall"]) == 30
    assert len({effect.key for effect in effects}) == len(effects) == 30
    for rule in RULES:
        again = world.night(rule, date(2026, 9, 7))
        assert (again.opened, again.updated, again.closed, again.effects) == (0, 0, 0, 0)


def test_two_days_at_once_end_as_the_later_one(engine: Engine, database_url: str) -> None:
    world = World(engine)
    key_company(world, 20)
    at_once(database_url, date(2026, 9, 7), date(2026, 9, 10), date(2026, 9, 10))

    with db.read(engine) as session:
        rows = list(session.execute(select(FlowRun.flow, FlowRun.as_of, FlowRun.state)))
    covered = [(flow, day) for flow, day, state in rows if state == "covered"]
    assert len(set(covered)) == len(covered), "a day is covered once"
    for rule in RULES:
        again = world.night(rule, date(2026, 9, 10))
        assert (again.opened, again.updated, again.closed, again.superseded) == (0, 0, 0, 0)

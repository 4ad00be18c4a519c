"""The relay is killed between any two of its commits, and goes on where it stood."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from kamflow.store import engine as db
from tests.flows.relaying import Relayed
from tests.world import World


class Killed(BaseException):
    """The process is no more: nothing catches it."""


def killing(engine: Engine, at: int) -> Callable[[Any], None]:
    """Raise instead of the `at`-th commit of a writing transaction."""
    seen: list[int] = []

    def before(connection: Any) -> None:
        if connection.get_execution_options().get("kamflow_reader"):
            return
        seen.append(1)
        if len(seen) == at:
            raise Killed

    event.listen(engine, "commit", before)
    return before


async def beats(relayed: Relayed, most: int) -> None:
    for _ in range(most):
        await relayed.beat()
        relayed.finish()


def test_killed_before_any_of_its_commits_every_event_is_handled_and_no_run_doubled(engine: Engine) -> None:
    relayed = Relayed(World(engine))
    accounts = [relayed.world.account(f"acc-{number}").id for number in range(3)]
    events, at, killed = 0, 1, True
    while killed:
        relayed.happened("measure.done", *accounts)
        relayed.happened("request.delivered", *accounts)
        events += 3 + 2 * 3
        listener = killing(engine, at)
        try:
            asyncio.run(beats(relayed, 3))
            killed = False
        except Killed:
            at += 1
        finally:
            event.remove(engine, "commit", listener)
    asyncio.run(relayed.until_quiet())

    assert at > 8  # gathering, three asked twice each, three settled
    assert len(relayed.handled()) == events
    # A killed process may have asked; whoever asks again uses the same key.
    assert (
        len(relayed.prefect.runs) == len({ask.key for ask in relayed.prefect.asks}) == len(relayed.batches())
    )


SCRIPT = """
import asyncio, os, sys
from pathlib import Path
from flows import relay, runtime
from kamflow.store import relay_batches
from kamflow.store.relay_batches import Seen

class Prefect:
    async def ask(self, ask):
        with open(sys.argv[1] + "/asked", "a") as told:
            told.write(ask.key + "\\n")
        if sys.argv[2] == "asked":
            os.kill(os.getpid(), 9)
        return "run of " + ask.key
    async def seen(self, run):
        return Seen.SCHEDULED

def die(*_, **__):
    os.kill(os.getpid(), 9)

if sys.argv[2] == "asking":
    relay_batches.asking = die
if sys.argv[2] == "answered":
    relay_batches.asked = die
asyncio.run(relay.relay_events(runtime.open_home(Path(sys.argv[1])), Prefect()))
"""


@pytest.mark.slow
def test_a_process_that_is_killed_at_any_point_leaves_what_the_next_one_needs(folder: Path) -> None:
    engine = db.connect(f"sqlite:///{folder / 'kamflow.db'}")
    relayed = Relayed(World(engine))
    relayed.happened("measure.done", 1)

    def relay(dies: str) -> int:
        command = [sys.executable, "-c", SCRIPT, str(folder), dies]
        return subprocess.run(
            command, cwd=Path(__file__).parents[2], env=dict(os.environ), check=False
        ).returncode

    codes = [relay(dies) for dies in ("asking", "asked", "answered", "never")]

    assert codes == [-9, -9, -9, 0]
    [batch] = relayed.batches()
    keys = (folder / "asked").read_text().split()
    assert (batch.state, len(keys), len(set(keys))) == ("asked", 3, 1)
    engine.dispose()

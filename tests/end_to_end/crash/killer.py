"""The moments at which dispatchers are killed, drawn by chance; some at the worst there is."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic, sleep

from sqlalchemy import Engine, text

from kamflow.store import engine as db
from tests.end_to_end.crash.dispatcher import Dispatcher
from tests.end_to_end.crash.other_side import OtherSide

# `early`: while it opens its home, claims and renders; `word`: at a word of the conversation, or soon after;
# `held`: while the other side has taken messages and answers none; `locked`: while no mark can be written.
MODES = ("early", "word", "word", "word", "held", "locked")
EARLY_SECONDS, LATER_SECONDS, HELD_SECONDS = 0.6, 0.02, 0.4
GIVES_UP = 300.0


class Killer:
    """Draws the moments of the kills, and waits for them."""

    def __init__(self, side: OtherSide, engine: Engine, chance: random.Random, between: int) -> None:
        self._side = side
        self._engine = engine
        self._chance = chance
        self._between = between
        self._come = Event()
        self._stage, self._left, self._holds = "", 0, False
        side.listen(self._heard)

    def strike(self, victim: Dispatcher) -> bool:
        """Kill at a random moment; False: it had ended by itself before."""
        side, chance, mode = self._side, self._chance, self._chance.choice(MODES)
        if mode == "early":
            self._until(victim, chance.uniform(0, EARLY_SECONDS))
            return victim.kill()
        stage = chance.choice(side.stages) if mode == "word" else side.taken
        self._left = 1 if stage in side.first else chance.randint(1, 2 * self._between)
        self._holds = mode == "held"
        self._come.clear()
        self._stage = stage  # last: from now on the other side counts, in a thread of its own
        self._until(victim, GIVES_UP, self._come.is_set)
        if mode == "word":
            sleep(chance.choice((0.0, chance.uniform(0, LATER_SECONDS))))
            return self._struck(victim)
        if mode == "held":
            self._until(victim, HELD_SECONDS)
            return self._struck(victim)
        with held(self._engine):
            self._until(victim, HELD_SECONDS)
            return self._struck(victim)

    def _struck(self, victim: Dispatcher) -> bool:
        killed = victim.kill()
        self._stage, self._holds = "", False
        return killed

    def _until(self, victim: Dispatcher, seconds: float, come: Callable[[], bool] = lambda: False) -> None:
        end = monotonic() + seconds
        while monotonic() < end and victim.process.is_alive() and not come():
            sleep(0.002)

    def _heard(self, stage: str) -> bool:
        if stage != self._stage:
            return False
        self._left -= 1
        if self._left == 0:
            self._come.set()
        return self._holds and self._left <= 0


@contextmanager
def held(engine: Engine) -> Iterator[None]:
    """Nobody else writes into the outbox meanwhile."""
    with db.write(engine) as session:
        session.connection()  # a transaction begins with its first use: on SQLite that is the lock
        if engine.dialect.name == "postgresql":
            session.execute(text("LOCK TABLE message IN EXCLUSIVE MODE"))
        yield

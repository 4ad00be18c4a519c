"""A Prefect that is a function of what it is asked, and a world whose events are relayed to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from sqlalchemy import Engine, func, select
from sqlmodel import col

from flows import runtime
from flows.prefect_server import Unanswered
from flows.relay import relay_events
from flows.runtime import Home, Visit
from kamflow.models.event import Event, RelayBatch, RelayedEvent
from kamflow.models.run import FlowRun
from kamflow.store import engine as db
from kamflow.store import events
from kamflow.store.relay_batches import Ask, Seen
from kamflow.store.run import Outcome
from tests.conftest import FixedClock
from tests.world import World


@dataclass
class FakePrefect:
    """Keeps runs by their key, as the real one does. `down`: a word, and it answers nothing;
    `forgetful`: it does what it is asked, but its answer is lost."""

    down: str | None = None
    forgetful: bool = False
    asks: list[Ask] = field(default_factory=list)
    runs: dict[str, Ask] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    states: dict[str, Seen] = field(default_factory=dict)
    _next: Iterator[int] = field(default_factory=lambda: count(1))

    async def ask(self, ask: Ask) -> str:
        self.asks.append(ask)
        if self.down:
            raise Unanswered(self.down)
        if ask.key not in self.numbers:
            number = f"run-{next(self._next)}"
            self.numbers[ask.key], self.runs[number], self.states[number] = number, ask, Seen.SCHEDULED
        if self.forgetful:
            raise Unanswered("ReadTimeout")
        return self.numbers[ask.key]

    async def seen(self, run: str) -> Seen:
        return Seen.UNANSWERED if self.down else self.states.get(run, Seen.UNKNOWN)

    def forget(self) -> None:
        """Lose the database."""
        self.runs, self.numbers, self.states = {}, {}, {}


@dataclass
class Relayed:
    """A world, the Prefect its events are relayed to, and a clock that tests move."""

    world: World
    clock: FixedClock = field(default_factory=FixedClock)
    prefect: FakePrefect = field(default_factory=FakePrefect)

    @property
    def home(self) -> Home:
        return replace(self.world.home(), now=self.clock)

    @property
    def engine(self) -> Engine:
        return self.world.engine

    def happened(self, name: str, *accounts: int | None, **payload: object) -> None:
        """One event for each account, in one transaction."""
        with db.write(self.engine) as session:
            rows = [
                {"name": name, "at": self.clock(), "actor_id": None, "account_id": each, "payload": payload}
                for each in accounts or (None,)
            ]
            events.record_many(session, rows)

    async def beat(self, seconds: float = 1) -> int:
        """The relay looks, some time after it last did."""
        self.clock.advance(seconds=seconds)
        return await relay_events(self.home, self.prefect)

    def going(self) -> dict[str, Ask]:
        """The runs that Prefect has still to do."""
        return {
            run: ask for run, ask in self.prefect.runs.items() if self.prefect.states[run] == Seen.SCHEDULED
        }

    def finish(self, error: Exception | None = None) -> list[Ask]:
        """Let Prefect do all its runs: our ledger says how they ended."""
        done = self.going()
        for run, ask in done.items():
            with _expected(error):
                runtime.recorded(self.home, ask.flow, ask.as_of, 1, Visit(run), lambda: _ended(error))
            self.prefect.states[run] = Seen.ENDED
        return list(done.values())

    async def until_quiet(self, most: int = 60) -> int:
        """Beat and finish until every batch is done; how many runs Prefect had."""
        for _ in range(most):
            await self.beat()
            self.finish()
            if not self.batches("waiting", "asked") and not self.waiting():
                return len(self.prefect.runs)
        raise AssertionError([(each.flow, each.state, each.cause) for each in self.batches()])

    def batches(self, *states: str) -> list[RelayBatch]:
        with db.read(self.engine) as session:
            query = select(RelayBatch).order_by(col(RelayBatch.id))
            found = list(session.execute(query).scalars())
        return [each for each in found if not states or each.state in states]

    def waiting(self) -> int:
        with db.read(self.engine) as session:
            query = select(func.count()).select_from(Event).where(col(Event.relayed_at).is_(None))
            return session.execute(query).scalar_one()

    def handled(self) -> set[tuple[int, str]]:
        """Event and flow, of every event that is in a batch whose run finished."""
        with db.read(self.engine) as session:
            rows = session.execute(
                select(col(RelayedEvent.event_id), col(RelayBatch.flow))
                .join(RelayBatch, col(RelayBatch.id) == col(RelayedEvent.batch_id))
                .join(FlowRun, col(FlowRun.prefect_id) == col(RelayBatch.prefect_id))
                .where(col(FlowRun.state) == "finished", col(RelayBatch.state) == "done")
            )
            return set(rows.tuples().all())

    def today(self) -> date:
        return self.home.today()


def _ended(error: Exception | None) -> Outcome:
    if error is not None:
        raise error
    return Outcome()


@contextmanager
def _expected(error: Exception | None) -> Iterator[None]:
    try:
        yield
    except Exception as raised:
        if raised is not error:
            raise

"""A batch sees one state of the database, and what people do meanwhile counts before or after it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from kamflow.acts.done import done
from kamflow.models.account import Account
from kamflow.models.interaction import Interaction
from kamflow.store import engine as db
from kamflow.store.run import Accounts, Decide, Frame, Outcome, Run, run_batch
from tests.world import STAMP, World, decide

RULE, DAY = "plan_creation", date(2026, 9, 7)
# On SQLite a second writer waits for the whole transaction of the first.
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def world(engine: Engine) -> World:
    world = World(engine)
    world.account("Muster AG", world.person("Witt"), account_class="key")
    return world


def batch(world: World, body: Decide) -> Outcome:
    frame = Frame(world.engine, RULE, DAY, STAMP, world.policy, world.settings.company)
    with db.read(world.engine) as session:
        accounts = frozenset(session.execute(select(col(Account.id))).scalars())
    return run_batch(frame, body, accounts)


def say_done(world: World, nudge: int, person: int) -> str:
    with db.write(world.engine) as session:
        session.execute(text("SET LOCAL lock_timeout = '200ms'"))
        return done(session, person, nudge, STAMP, world.policy, world.settings.company).state


@on_postgresql
def test_done_is_not_undone_by_a_run_that_had_read_its_facts(world: World) -> None:
    world.night(RULE, DAY)
    [position] = [nudge for nudge in world.nudges() if nudge.step == "position"]
    waited: list[bool] = []

    def decided_meanwhile(run: Run, accounts: Accounts) -> Outcome:
        outcome = decide(RULE)(run, accounts)
        with pytest.raises(OperationalError, match="lock timeout"):
            say_done(world, position.id or 0, position.owner_id)
        waited.append(True)
        return outcome

    batch(world, decided_meanwhile)
    assert waited
    assert say_done(world, position.id or 0, position.owner_id) == "closed"
    assert world.night(RULE, DAY).opened == 0
    assert "position" not in {nudge.step for nudge in world.nudges()}


@on_postgresql
def test_what_is_imported_meanwhile_is_seen_by_no_half_of_a_batch(world: World) -> None:
    seen: list[int] = []

    def reads_twice(run: Run, accounts: Accounts) -> Outcome:
        for _ in range(2):
            seen.append(run.session.execute(select(func.count()).select_from(Interaction)).scalar_one())
            world.add(Interaction(day=DAY, source="crm"))
        return Outcome()

    batch(world, reads_twice)
    assert seen == [0, 0]


@on_postgresql
def test_a_batch_that_waited_sees_what_it_waited_for(world: World, engine: Engine) -> None:
    def counts(run: Run, accounts: Accounts) -> Outcome:
        return Outcome(effects=run.session.execute(select(func.count(col(Interaction.id)))).scalar_one())

    with ThreadPoolExecutor(1) as thread:
        with db.write(engine) as session:
            db.lock(session, RULE)
            session.add(Interaction(day=DAY, source="crm"))
            session.flush()
            running = thread.submit(batch, world, counts)
            with engine.connect() as beside:
                while not beside.execute(text(WAITING)).scalar_one():
                    beside.rollback()
        assert running.result(20).effects == 1


def test_a_batch_that_fails_gives_its_lock_back(world: World) -> None:
    def fails(run: Run, accounts: Accounts) -> Outcome:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        batch(world, fails)
    assert world.night(RULE, DAY).opened == 2

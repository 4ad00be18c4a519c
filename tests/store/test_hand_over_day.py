"""What was announced ahead happens with the first run of its day, whichever rule runs."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from kamflow.acts.account_hand_over import hand_over
from kamflow.acts.acting import Acting
from kamflow.models.account import Account
from kamflow.models.person import Person
from kamflow.store import engine as db
from kamflow.store import handover_note
from tests.world import World

STAMP = datetime(2026, 10, 1, 9, tzinfo=UTC)
SAID, DAY = date(2026, 10, 1), date(2026, 12, 1)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def announce(world: World, account: Account, to: Person, said: date = SAID) -> None:
    with db.write(world.engine) as session:
        now = datetime.combine(said, time(9), UTC)
        hand_over(Acting(session, None, now, world.settings.company), account.id or 0, to.id or 0, DAY)


def owners(world: World) -> list[tuple[Any, int]]:
    return [(nudge.due_on, nudge.owner_id) for nudge in world.nudges()]


def test_until_then_the_old_kam_is_asked_and_from_then_on_the_new_one(world: World):
    anna, ben = world.person("Anna"), world.person("Ben")
    account = world.account("muster", anna, account_class="key")
    due = date(2026, 11, 20)
    world.measure(account, due, anna)
    announce(world, account, ben)

    world.night("measure_followup", date(2026, 11, 30))
    assert owners(world) == [(due, anna.id)]
    world.night("measure_followup", DAY)
    assert owners(world) == [(due, ben.id)]


def test_the_old_kam_has_the_whole_plan_until_the_day(world: World):
    anna, ben = world.person("Anna"), world.person("Ben")
    account = world.account("muster", anna, account_class="key")
    place = world.place("Knut", account)
    world.target(anna, place, 12)
    announce(world, account, ben)
    for month in (10, 11):
        world.meet(date(2026, month, 10), anna, place)

    [before] = world.facts("contact_shortfall", date(2026, 11, 30))
    world.night("plan_creation", DAY)
    [after] = world.facts("contact_shortfall", DAY)

    assert [(cell.person, cell.soll, cell.held) for cell in before.cells] == [(anna.id, 12, 2)]
    assert [(cell.person, cell.soll, cell.held) for cell in after.cells] == [(ben.id, 10, 0)]


def test_a_late_run_splits_on_the_day_that_was_said(world: World):
    anna, ben = world.person("Anna"), world.person("Ben")
    account = world.account("muster", anna)
    target = world.target(anna, world.place("Knut", account), 4)
    announce(world, account, ben)

    with db.write(world.engine) as session:
        now = datetime(2026, 12, 9, 5, tzinfo=UTC)
        assert handover_note.arrived(session, date(2026, 12, 9), now) == {account.id}
        assert handover_note.arrived(session, date(2026, 12, 9), now) == frozenset()

    assert world.one(type(target), target.id).until_day == date(2026, 11, 30)


@pytest.mark.parametrize(
    "name", ["team:{account}", "target:{anna}:{knut}", "plan:{account}", "measure:{measure}"]
)
def test_nothing_is_moved_while_somebody_else_changes_it(world: World, name: str):
    if world.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time")
    anna, ben = world.person("Anna"), world.person("Ben")
    account = world.account("muster", anna)
    place = world.place("Knut", account)
    world.target(anna, place, 4)
    measure = world.measure(account, None, anna)
    ids = {"account": account.id, "anna": anna.id, "knut": place.contact_id, "measure": measure.id}

    with db.write(world.engine) as other, db.write(world.engine) as session:
        db.lock(other, name.format(**ids))
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        desk = Acting(session, None, STAMP, world.settings.company)
        with pytest.raises(OperationalError, match="lock timeout"):
            hand_over(desk, ids["account"], ben.id, SAID)

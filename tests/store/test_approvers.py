"""The rule asks the one person whom the act lets decide."""

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from kamflow.acts import plan as plans
from kamflow.models.account import Team
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.store import engine as db
from tests.world import STAMP, World

DAY = date(2026, 9, 7)


@pytest.fixture
def cast(engine: Engine) -> SimpleNamespace:
    """Witt (below Berg) has written the plan of Muster AG; it is submitted."""
    world = World(engine)
    head, berg, kern = world.person("Head", "head"), world.person("Berg"), world.person("Kern")
    witt, sam = world.person("Witt", superior_id=berg.id), world.person("Sam", superior_id=kern.id)
    muster = world.account("Muster AG", witt, account_class="key")
    world.night("plan_creation", DAY)
    with db.write(engine) as session:
        session.execute(update(AccountPlan).values(state="submitted", submitted_at=STAMP))
    return SimpleNamespace(world=world, head=head, berg=berg, kern=kern, witt=witt, sam=sam, muster=muster)


def asked(cast: SimpleNamespace) -> int | None:
    cast.world.night("plan_creation", DAY)
    [approval] = [nudge for nudge in cast.world.nudges() if nudge.step == "approve"]
    return approval.owner_id


def approve(cast: SimpleNamespace, person: int) -> str:
    world = cast.world
    with db.write(world.engine) as session:
        desk = plans.Desk(session, person, STAMP, world.policy, world.settings.company)
        return plans.approve(desk, [cast.muster.id])[0].state


def test_after_a_change_of_the_kam_the_new_ones_superior_decides(cast: SimpleNamespace) -> None:
    with db.write(cast.world.engine) as session:
        session.execute(update(Team).values(person_id=cast.sam.id))
    assert asked(cast) == cast.kern.id
    assert approve(cast, cast.kern.id) == "approved"


def test_a_superior_who_has_left_is_not_asked(cast: SimpleNamespace) -> None:
    with db.write(cast.world.engine) as session:
        session.execute(
            update(Person).where(col(Person.id) == cast.berg.id).values(left_on=date(2026, 8, 31))
        )
    assert asked(cast) == cast.head.id
    assert approve(cast, cast.head.id) == "approved"


def test_who_wrote_the_plan_is_not_asked_about_it(cast: SimpleNamespace) -> None:
    with db.write(cast.world.engine) as session:
        account = session.get_one(type(cast.muster), cast.muster.id)
        account.approver_id = cast.witt.id
    assert asked(cast) == cast.berg.id
    with db.read(cast.world.engine) as session:
        assert session.execute(select(AccountPlan)).scalars().one().author_id == cast.witt.id

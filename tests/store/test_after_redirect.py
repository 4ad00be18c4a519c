"""A trial with everything redirected to one address takes no paper from whom it is for."""

from datetime import date

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col

from kamflow.models.account import Team
from kamflow.models.message import StoredMessage
from kamflow.settings import Delivery
from kamflow.store import engine as db
from tests.meeting_rows import attend, mark, meeting, messages, talk
from tests.store.test_meeting_year import M, night
from tests.world import World

OUT = (11, 5)  # the briefing goes out


@pytest.fixture
def world(engine: Engine) -> World:
    world = World(engine)
    witt, kruse = world.person("Witt"), world.person("Kruse", "sponsor")
    muster = world.account("Muster AG", witt, account_class="key")
    world.add(Team(person_id=kruse.id, account_id=muster.id, role="sponsor"))
    attend(world, talk(world, meeting(world, muster), M, fixed_on=date(2026, 8, 10)), kruse)
    return world


def delivered(world: World, mode: str) -> None:
    """What waits is sent, in redirect mode to the one address."""
    with db.write(world.engine) as session:
        waiting = update(StoredMessage).where(col(StoredMessage.state) == "waiting")
        session.execute(waiting.values(cause="redirected" if mode == "redirect" else None))
    mark(world, "sent")
    world.settings = world.settings.model_copy(update={"delivery": Delivery(mode=mode)})


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_never_got_the_briefing_gets_it_once_when_messages_go_live(world: World) -> None:
    world.settings = world.settings.model_copy(update={"delivery": Delivery(mode="redirect")})
    night(world, *OUT)
    delivered(world, "redirect")
    assert [step for step in night(world, 11, 6) if step.startswith("briefing")] == []

    delivered(world, "live")
    again = [step for step in night(world, 11, 9) if step.startswith("briefing")]
    delivered(world, "live")

    assert len(again) == 1
    assert [step for step in night(world, 11, 9) if step.startswith("briefing")] == []
    keys = [each.key for each in messages(world, "document") if "briefing" in each.key]
    assert len(keys) == len(set(keys)) == 2

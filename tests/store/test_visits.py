"""Sessions, links to sign in, and which customers somebody may look into, on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.account import Team
from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.store import in_sight, sign_ins, visits
from kamflow.store.engine import read, write
from tests.conftest import NOW
from tests.world import World

TODAY = date(2026, 9, 7)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def sees(world: World, person: Person) -> set[int]:
    with read(world.engine) as session:
        return in_sight.accounts(session, person.id, TODAY)


def test_a_session_ends_once_and_all_of_a_person_s_together(world: World) -> None:
    witt, later = world.person("Witt"), NOW + timedelta(hours=1)
    with write(world.engine) as session:
        rows = [visits.begin(session, witt.id, f"hash {n}", "link", NOW, later) for n in range(3)]
    with write(world.engine) as session:
        assert [visits.end(session, rows[0].id, NOW) for _ in range(2)] == [True, False]
        assert visits.end_all(session, witt.id, NOW) == 2
        assert visits.find(session, "hash 1", NOW, TODAY) is None


def test_a_link_is_used_once(world: World) -> None:
    witt = world.person("Witt")
    with write(world.engine) as session:
        number = sign_ins.add(session, witt.id, NOW, NOW, "/plans").id
        assert [sign_ins.use(session, number, NOW) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("address", "found"),
    [("witt@example.com", True), (" WITT@example.COM", True), ("two@example.com", False), ("", False)],
)
def test_an_address_means_one_person_or_nobody(world: World, address: str, found: bool) -> None:
    witt = world.person("Witt")
    for name in ("Kruse", "Lech"):
        world.person(name, email="two@example.com")
    world.person("Left", email="witt@EXAMPLE.com", left_on=date(2026, 9, 6))
    with read(world.engine) as session:
        person = sign_ins.by_email(session, address, TODAY)

    assert (person is not None and person.id == witt.id) is found


def test_teams_assistants_and_deputies_see_a_group_with_all_below_it(world: World) -> None:
    anna, otto = world.person("Anna", "assistant"), world.person("Otto")
    dora = world.person("Dora", deputy_id=otto.id)
    witt = world.person("Witt", assistant_id=anna.id, deputy_id=dora.id)
    group = world.account("Gruppe", witt)
    site = world.account("Werk", parent_id=group.id)
    world.account("Fremd", world.person("Kruse"))

    assert [sees(world, each) for each in (witt, anna, dora, otto)] == [{group.id, site.id}] * 4
    assert sees(world, world.person("Nobody")) == set()


def test_who_is_no_longer_in_a_team_sees_nothing_of_it(world: World) -> None:
    witt, muster = world.person("Witt"), world.account("Muster AG")
    for first, last in ((None, date(2026, 9, 6)), (date(2026, 9, 8), None)):
        row = Team(person_id=witt.id, account_id=muster.id, role="kam", from_day=first, until_day=last)
        world.add(row)

    assert sees(world, witt) == set()
    anna = world.person("Anna", "assistant")
    world.account("Beispiel", world.person("Left", assistant_id=anna.id, left_on=date(2026, 9, 6)))
    assert sees(world, anna) == set()


def test_signing_in_and_out_leaves_an_event_with_ids_only(world: World) -> None:
    witt, later = world.person("Witt"), NOW + timedelta(hours=1)
    with write(world.engine) as session:
        numbers = [visits.begin(session, witt.id, f"hash {n}", "oidc", NOW, later).id for n in range(3)]
    with write(world.engine) as session:
        visits.end(session, numbers[0], NOW)
        visits.end(session, numbers[0], NOW)
        visits.end_all(session, witt.id, NOW)
    with read(world.engine) as session:
        found = session.execute(select(col(Event.name), col(Event.actor_id), col(Event.payload))).all()
    begun = [("session.begun", witt.id, {"visit": n, "how": "oidc"}) for n in numbers]
    assert found == [*begun, *(("session.ended", witt.id, {"visit": n}) for n in numbers)]

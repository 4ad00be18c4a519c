from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts.acting import Acting
from kamflow.acts.target import TargetSet, Wanted, set_target
from kamflow.errors import InputError, NotAllowed
from kamflow.models.contact import ContactTarget, Place
from tests.acts.world import World, store

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
Q3 = (date(2026, 7, 1), date(2026, 9, 30))


@pytest.fixture
def set_to(world: World, given: SimpleNamespace) -> Callable[..., TargetSet]:
    def call(
        soll: int, contact: str = "knut", actor: str | None = "witt", person: str = "witt", **more: Any
    ) -> TargetSet:
        number = world.person(actor) if actor else None
        desk = Acting(world.session, number, given.now, given.company)
        return set_target(desk, Wanted(world.person(person), world.contact(contact), soll, **more))

    return call


def target(world: World, soll: int = 6, period: tuple[date, date] = YEAR) -> ContactTarget:
    place = world.session.execute(
        select(Place).where(col(Place.contact_id) == world.contact("knut"))
    ).scalar_one()
    return store(
        world.session,
        ContactTarget(
            person_id=world.person("witt"),
            place_id=place.id,
            soll=soll,
            period_first=period[0],
            period_last=period[1],
        ),
    )


def test_the_plan_says_too_much(world: World, set_to: Callable[..., TargetSet]) -> None:
    row = target(world)

    said = set_to(3)

    assert (said.state, said.before, said.soll, said.period) == ("set", 6, 3, "2026")
    assert row.soll == 3
    [event] = world.events()
    assert (event.name, event.account_id) == ("target.changed", world.account("muster"))
    assert event.payload == {
        "target": row.id,
        "person": world.person("witt"),
        "was": 6,
        "soll": 3,
        "until": None,
    }


def test_saying_it_twice_changes_nothing(world: World, set_to: Callable[..., TargetSet]) -> None:
    target(world)
    set_to(3)

    assert set_to(3).state == "already"
    assert len(world.events()) == 1


def test_without_a_period_it_is_the_year_and_a_quarter_is_named(
    world: World, set_to: Callable[..., TargetSet]
) -> None:
    year, quarter = target(world), target(world, 2, Q3)

    set_to(5)
    set_to(1, period="Q3 2026")

    assert (year.soll, quarter.soll) == (5, 1)


def test_it_may_hold_until_a_day(world: World, set_to: Callable[..., TargetSet]) -> None:
    row = target(world)

    set_to(4, until=date(2026, 10, 31))

    assert row.until_day == date(2026, 10, 31)
    with pytest.raises(InputError, match="expected a day from today"):
        set_to(4, until=date(2027, 1, 1))


def test_what_is_new_counts_from_today(world: World, set_to: Callable[..., TargetSet]) -> None:
    said = set_to(2)

    row = world.session.get_one(ContactTarget, said.target)
    assert (said.state, row.from_day, row.period_last) == ("new", date(2026, 9, 7), YEAR[1])
    later = set_to(2, period="2027")
    assert world.session.get_one(ContactTarget, later.target).from_day is None


def test_a_contact_at_two_accounts_needs_the_account(world: World, set_to: Callable[..., TargetSet]) -> None:
    with pytest.raises(InputError, match="several accounts"):
        set_to(2, "doppel")
    assert set_to(2, "doppel", account=world.account("muster")).account == world.account("muster")


@pytest.mark.parametrize("actor", ["witt", "arnst", "kruse", "berg"])
def test_the_person_their_deputy_the_team_and_the_head_may(
    world: World, set_to: Callable[..., TargetSet], actor: str
) -> None:
    target(world)
    assert set_to(3, actor=actor).state == "set"


@pytest.mark.parametrize("actor", ["fremd", None])
def test_nobody_else_may(world: World, set_to: Callable[..., TargetSet], actor: str | None) -> None:
    target(world)
    with pytest.raises(NotAllowed):
        set_to(3, actor=actor)


@pytest.mark.parametrize("soll", [-1, 367])
def test_a_soll_is_a_number_of_contacts(set_to: Callable[..., TargetSet], soll: int) -> None:
    with pytest.raises(InputError, match="from 0 to 366"):
        set_to(soll)


def test_an_unknown_period_is_refused(set_to: Callable[..., TargetSet]) -> None:
    with pytest.raises(InputError, match=r"expected first\.\.last day"):
        set_to(3, period="this year")

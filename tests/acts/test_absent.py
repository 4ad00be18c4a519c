from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlmodel import col

from kamflow.acts.absent import absent, back
from kamflow.errors import InputError, NotAllowed
from kamflow.models.person import Absence
from tests.acts.world import Act, World


def september(day: int) -> date:
    return date(2026, 9, day)


@pytest.fixture
def note(world: World, given: SimpleNamespace) -> Act:
    def call(first: int, last: int, actor: str | None = "witt", act: Act = absent) -> str:
        acting = world.person(actor) if actor else None
        days = september(first), september(last)
        return act(world.session, acting, world.person("witt"), *days, given.now, given.company).state

    return call


def stretches(world: World) -> list[tuple[int, int]]:
    rows = world.session.execute(select(Absence).order_by(col(Absence.from_day))).scalars()
    return [(row.from_day.day, row.until_day.day) for row in rows]


def test_an_absence_is_noted_with_its_dates_alone(world: World, note: Act) -> None:
    assert note(14, 18) == "noted"
    assert stretches(world) == [(14, 18)]
    event = world.events()[-1]
    assert event.name == "person.absent"
    assert event.payload == {"person": world.person("witt"), "first": "2026-09-14", "last": "2026-09-18"}


def test_what_overlaps_or_touches_becomes_one(world: World, note: Act) -> None:
    for first, last in ((1, 3), (10, 12), (20, 22), (4, 11)):
        note(first, last)
    assert stretches(world) == [(1, 12), (20, 22)]


def test_what_is_known_is_not_noted_again(world: World, note: Act) -> None:
    note(14, 18)
    assert note(15, 16) == "already"
    assert len(world.events()) == 1


def test_days_are_taken_back_out_of_the_middle(world: World, note: Act) -> None:
    note(10, 20)
    assert note(14, 15, act=back) == "back"
    assert stretches(world) == [(10, 13), (16, 20)]
    assert world.events()[-1].name == "person.back"
    assert note(14, 15, act=back) == "already"


def test_the_last_day_comes_after_the_first(note: Act) -> None:
    with pytest.raises(InputError, match="swap"):
        note(18, 14)


@pytest.mark.parametrize("actor", ["witt", "arnst", "berg", None])
def test_those_close_to_the_person_and_operations_may(note: Act, actor: str) -> None:
    assert note(14, 18, actor) == "noted"


def test_others_may_not(note: Act) -> None:
    with pytest.raises(NotAllowed, match="Jürgen Witt, their assistant"):
        note(14, 18, "kruse")

"""The year of a briefing: until when its parts are posted, and what they are compared with."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.models.account import Account
from kamflow.models.plan import Goal
from kamflow.settings import Company
from kamflow.store import briefing_series
from kamflow.store import engine as db
from tests.world import World

TODAY = date(2026, 9, 7)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def muster(world: World) -> Account:
    return world.account("Muster AG")


def line(world: World, account: Account, today: date = TODAY) -> dict[str, Any]:
    with db.read(world.engine) as session:
        return briefing_series.of_accounts(session, [account.id or 0], today, Company())[account.id or 0][0]


def until(line: dict[str, Any]) -> list[str | None]:
    return [part["until"] for part in line["parts"]]


@pytest.mark.parametrize("day", [1, 28])
def test_a_month_that_is_over_is_whole_on_whatever_day_it_was_posted(
    world: World, muster: Account, day: int
) -> None:
    for month in range(1, 9):
        world.sold(muster, date(2026, month, day), 100)

    found = line(world, muster)

    assert set(until(found)) == {None}
    assert found["parts"][7]["as_of"] == f"2026-08-{day:02d}"


def test_the_running_month_reaches_to_its_newest_entry(world: World, muster: Account) -> None:
    for month, day in ((7, 30), (8, 30), (9, 3)):
        world.sold(muster, date(2026, month, day), 100)
    assert until(line(world, muster))[6:9] == [None, None, "2026-09-03"]


def test_a_quarter_of_which_two_months_are_posted_says_until_when(world: World, muster: Account) -> None:
    for month in (1, 4, 7, 10):
        world.sold(muster, date(2026, month, 1), 300, "target")
    for month in range(1, 9):
        world.sold(muster, date(2026, month, 28), 100)

    assert until(line(world, muster)) == [None, None, "2026-08-31", None]
    assert until(line(world, muster, date(2026, 10, 5))) == [None, None, "2026-08-31", None]
    world.sold(muster, date(2026, 9, 2), 100)
    assert until(line(world, muster)) == [None, None, "2026-09-02", None]
    assert until(line(world, muster, date(2026, 10, 5))) == [None] * 4


def test_a_quarter_that_is_posted_at_once_is_whole_when_it_is_over(world: World, muster: Account) -> None:
    for month in (1, 4, 7):
        world.sold(muster, date(2026, month, 20), 300)

    assert until(line(world, muster)) == [None, None, "2026-07-31", None]
    assert until(line(world, muster, date(2026, 10, 1))) == [None] * 4


def test_on_which_day_a_goal_was_set_is_not_known(world: World, muster: Account) -> None:
    world.sold(muster, date(2026, 1, 20), 300)
    world.add(Goal(account_id=muster.id, figure="revenue", amount=Decimal(12), due_on=date(2026, 12, 31)))

    assert line(world, muster)["target"] == {"as_of": None, "source": "kamflow"}

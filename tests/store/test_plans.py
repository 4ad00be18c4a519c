"""What `plan_creation` knows of an account and a year to plan."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from kamflow.settings import Company, Settings
from tests.world import World


def heaviest_first(world: World, day: date, year: int) -> list[int]:
    """The accounts whose plan for this year is asked for, as they stand among those of their KAM."""
    found = [fact for fact in world.facts("plan_creation", day) if fact.year.last.year == year]
    return [fact.account for fact in sorted(found, key=lambda fact: -fact.heaviness)]


def test_who_is_heavy_is_the_same_before_and_after_the_turn_of_the_year(engine: Engine):
    world = World(engine)
    anna = world.person("Anna")
    falling, rising = (world.account(name, anna, account_class="major") for name in ("Falling", "Rising"))
    world.sold(falling, date(2025, 6, 30), 900_000)
    world.sold(rising, date(2025, 6, 30), 100_000)
    world.sold(rising, date(2026, 12, 31), 5_000_000)

    for day in (date(2026, 7, 1), date(2026, 12, 31), date(2027, 1, 4)):
        assert heaviest_first(world, day, 2027) == [falling.id, rising.id]
    assert heaviest_first(world, date(2027, 7, 1), 2028) == [rising.id, falling.id]


def test_a_class_weighs_more_than_revenue(engine: Engine):
    world = World(engine)
    anna = world.person("Anna")
    major, key = (world.account(name, anna, account_class=name) for name in ("major", "key"))
    world.sold(major, date(2025, 3, 31), 90_000_000)

    assert heaviest_first(world, date(2026, 9, 7), 2027) == [key.id, major.id]


def test_with_a_fiscal_year_from_october_it_is_that_year_which_counts(engine: Engine):
    company = Company(region="BY", fiscal_year_start=10)
    world = World(engine, Settings(home=Path("/nowhere"), company=company))
    anna = world.person("Anna")
    before, within = (world.account(name, anna, account_class="major") for name in ("Before", "Within"))
    world.sold(before, date(2025, 9, 30), 100_000)
    world.sold(within, date(2025, 10, 1), 900_000)

    for day in (date(2026, 5, 4), date(2026, 11, 2)):
        assert heaviest_first(world, day, 2027) == [before.id, within.id]

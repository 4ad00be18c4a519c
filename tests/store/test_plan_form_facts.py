"""What a plan's form shows and nobody fills in: revenue by group and year, projects, contacts."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from kamflow.models.account import Account, ExternalReference
from kamflow.models.revenue import Project
from kamflow.models.source import ImportedFile
from kamflow.periods import Period
from kamflow.store import plan_form_facts as facts
from kamflow.store.engine import read
from tests.world import STAMP, World

TODAY = date(2026, 9, 7)
YEAR = Period(date(2027, 1, 1), date(2027, 12, 31))


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def account(world: World) -> Account:
    return world.account("MUSTER")


def table(world: World, account: Account, today: date = TODAY) -> facts.RevenueTable:
    with read(world.engine) as session:
        return facts.revenue(session, account.id or 0, YEAR, today)


def test_revenue_is_summed_by_group_and_year_with_the_change(world: World, account: Account):
    site = world.account("WERK", parent_id=account.id)
    for year, amount in ((2024, 100), (2025, 150)):
        world.sold(account, date(year, 3, 1), amount, product_group="Antriebe")
    world.sold(site, date(2025, 6, 1), 50)
    world.sold(account, date(2027, 6, 1), 240, kind="forecast", product_group="Antriebe")
    world.sold(world.account("ANDERE"), TODAY, 1)
    found = table(world, account)
    y24, y25, y26, y27 = found.years
    assert found.sums["Antriebe"] == {y24: 100, y25: 150, y27: 240}
    assert (found.total(y25), found.total(y26), found.ahead) == (200, None, "forecast")
    assert (found.change("Antriebe", 1), found.change(None, 1)) == (50, 100)
    assert (found.until, found.sources) == (date(2025, 6, 1), ("sap",))


def test_the_running_year_is_compared_by_the_months_to_which_the_figures_go(world: World, account: Account):
    """They lag behind today: what was sold after May of the year before does not count against it."""
    for day, amount in ((date(2025, 5, 30), 100), (date(2025, 6, 2), 900), (date(2026, 5, 29), 120)):
        world.sold(account, day, amount, product_group="Service")
    world.sold(account, date(2027, 1, 31), 2000, kind="target", product_group="Service")
    found = table(world, account)
    assert (found.change("Service", 2), found.change(None, 2), found.until) == (20, 20, date(2026, 5, 29))
    # The year ahead is not compared with a year that is not over.
    assert (found.change("Service", 3), found.ahead) == (None, "target")
    world.sold(account, date(2026, 12, 31), 80, product_group="Service")
    assert table(world, account, date(2026, 12, 31)).change("Service", 3) == 900


def test_a_year_that_is_over_runs_on_until_the_figures_go_to_its_end(world: World, account: Account):
    for day in (date(2025, 11, 28), date(2025, 12, 30), date(2026, 11, 30)):
        world.sold(account, day, 100)
    found = table(world, account, date(2027, 1, 8))
    assert (found.running, found.change(None, 2)) == (found.years[2], 0)


def test_what_is_unknown_is_not_zero(world: World, account: Account):
    found = table(world, account)
    assert (found.sums, found.ahead, found.until, found.sources) == ({}, None, None, ())
    assert [found.total(year) for year in found.years] == [None] * 4
    world.sold(account, date(2025, 1, 1), 10)
    assert table(world, account).change(None, 1) is None


def test_projects_say_where_they_are_from_and_of_which_day(world: World, account: Account):
    project = world.add(Project(account_id=account.id, name="Linie 4", value=Decimal(5), chance=60))
    world.add(ExternalReference(source="crm", kind="project", external_id="7", row_id=project.id))
    world.add(ImportedFile(source="crm", name="p.csv", digest="x", rows=1, imported_at=STAMP))
    with read(world.engine) as session:
        (line,) = facts.projects(session, account.id or 0)
    assert (line.project.name, line.sources, line.as_of) == ("Linie 4", ("crm",), date(2026, 9, 7))


def test_contacts_come_with_the_last_day_on_which_one_of_us_met_them(world: World, account: Account):
    witt = world.person("Witt")
    knut, paul = world.place("Knut", account, 5), world.place("Paul", account, 8)
    world.place("Karl", account, 9, until_day=date(2026, 1, 1))
    for day in (date(2026, 3, 1), date(2026, 5, 1), date(2026, 12, 1)):
        world.meet(day, witt, knut)
    world.meet(date(2026, 4, 1), witt, paul, state="cancelled")
    with read(world.engine) as session:
        found = facts.contacts(session, account.id or 0, TODAY)
    assert [(each.name, each.last_held, each.times) for each in found] == [
        ("Paul", None, 0), ("Knut", date(2026, 5, 1), 2),
    ]  # fmt: skip

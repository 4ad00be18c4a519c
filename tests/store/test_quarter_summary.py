"""What the quarterly report is told by the database: sums, places and dates, and of people only how many."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.account import Account, Pause
from kamflow.models.controlling import QuarterComment
from kamflow.models.service import Service, ServiceGiven
from kamflow.models.training import Position, PositionCriterion
from kamflow.periods import Period
from kamflow.store import engine as db
from kamflow.store import quarter_summary, report_work
from kamflow.store.report_cards import Asking
from tests.world import STAMP, World

QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
NIGHT, DAY = date(2026, 10, 20), date(2026, 11, 4)


@pytest.fixture
def world(engine: Engine) -> World:
    """A group with a site, another customer, one of whom nothing is known."""
    world = World(engine)
    witt = world.person("Witt")
    muster = world.account("Muster AG", witt, account_class="key")
    werk = world.account("Muster Werk 2", parent_id=muster.id)
    andere = world.account("Andere GmbH", witt, account_class="major")
    world.account("Stille AG", witt, account_class="key")
    for account, group, amounts in (
        (muster, "Filter", (300_000, 600_000, 200_000)),
        (werk, "Ventile", (100_000, 100_000, 50_000)),
        (andere, None, (80_000, None, None)),
    ):
        for amount, day, kind in zip(
            amounts,
            (QUARTER.last, QUARTER.last, date(2025, 7, 31)),
            ("actual", "target", "actual"),
            strict=True,
        ):
            if amount is not None:
                world.sold(account, day, amount, kind, product_group=group)
    return world


def account(world: World, name: str) -> Any:
    with db.read(world.engine) as session:
        return session.execute(select(Account).where(col(Account.name) == name)).scalar_one()


def summary(world: World, day: date = DAY, *, council: bool = True) -> Any:
    world.night("quarterly_controlling", NIGHT)
    with db.read(world.engine) as session:
        run = world.run(session, "quarterly_controlling", day)
        return quarter_summary.summary(run, QUARTER.first, QUARTER.last, council=council)


def test_plan_against_actual_by_product_group_with_all_sites(world: World) -> None:
    found = summary(world)["groups"]
    assert [(line["group"], line["value"], line["against"], line["before"]) for line in found["lines"]] == [
        ("Filter", "300000.00", "600000.00", "200000.00"),
        ("Ventile", "100000.00", "100000.00", "50000.00"),
        (None, "80000.00", None, None),
    ]
    assert (found["as_of"], found["source"]) == ("2026-09-30", "sap")


def test_a_group_and_its_site_are_summed_once(world: World) -> None:
    facts = summary(world)
    assert facts["totals"]["revenue"] == {
        "known": 2, "of": 3, "as_of": "2026-09-30", "source": "sap", "value": "480000.00",
    }  # fmt: skip
    assert facts["totals"]["goal"]["percent"] == 57.1
    assert facts["sites"]["lines"] == []
    assert facts["counts"] == {"red": 1, "amber": 0, "no_data": 1, "none": 1, "green": 0}


def test_where_customers_stand_is_the_newest_rating_and_from_its_criteria(world: World) -> None:
    muster, andere = account(world, "Muster AG"), account(world, "Andere GmbH")
    for day, attractive, competitive in ((date(2026, 1, 5), 10, 10), (date(2026, 6, 1), 80, 40)):
        rated = {"attractiveness": attractive, "competitive": competitive, "rated_on": day}
        world.add(Position(account_id=muster.id, **rated))
    world.add(Position(account_id=muster.id, attractiveness=1, competitive=1, rated_on=date(2026, 12, 1)))
    for axis, points in (("attractiveness", 30), ("competitive", 70)):
        said = {"account_id": andere.id, "axis": axis, "name": "Volume", "rated_on": date(2026, 6, 2)}
        world.add(PositionCriterion(**said, weight=2, points=points))
    found = summary(world)["portfolio"]
    assert [(each["account"], each["field"], each["rated_on"]) for each in found["lines"]] == [
        (muster.id, "build", "2026-06-01"),
        (andere.id, "harvest", "2026-06-02"),
    ]
    assert [each["account"] for each in found["unknown"]["lines"]] == [account(world, "Stille AG").id]


def test_measures_late_count_with_the_customer_that_is_looked_at(world: World) -> None:
    muster, werk = account(world, "Muster AG"), account(world, "Muster Werk 2")
    world.measure(muster, date(2026, 10, 1))
    world.measure(werk, date(2026, 9, 1))
    world.measure(werk, date(2026, 9, 1), done_on=date(2026, 9, 3))
    world.measure(werk, date(2026, 12, 1))
    world.night("quarterly_controlling", NIGHT)
    with db.read(world.engine) as session:
        at = Asking(session, QUARTER, DAY, world.settings.company)
        found = report_work.late(at, {muster.id or 0})
    assert found == {muster.id: report_work.Late(2, date(2026, 9, 1))}


def test_measures_late_need_five_people_who_own_them(world: World) -> None:
    people = [world.person(f"Kam {number}") for number in range(4)]
    customers = [world.account(f"Kunde {each.name}", each, account_class="key") for each in people]
    for customer in customers:  # five KAMs, and all that is late is one person's
        world.measure(customer, date(2026, 10, 1), people[0])
    assert summary(world)["measures"] is None
    for customer in (*customers[1:], account(world, "Muster Werk 2")):  # the last is the group's KAM's
        world.measure(customer, date(2026, 10, 2))
    facts = summary(world, date(2026, 11, 5))
    assert (facts["measures"]["late"], facts["measures"]["count"], facts["measures"]["lines"]) == (8, 5, [])


@pytest.mark.parametrize(("planners", "shown"), [(4, None), (5, (5, 10, []))])
def test_contacts_need_five_people_who_plan_them(world: World, planners: int, shown: Any) -> None:
    muster = account(world, "Muster AG")
    for number in range(planners):
        person, place = world.person(f"P{number}"), world.place(f"C{number}", muster)
        world.target(person, place, 2)
        world.meet(date(2026, 9, 1), person, place)
    found = summary(world)["contacts"]
    assert (found and (found["value"], found["against"], found["lines"])) == shown


def test_without_a_works_council_it_is_said_by_customer(world: World) -> None:
    muster = account(world, "Muster AG")
    world.measure(muster, date(2026, 10, 1))
    facts = summary(world, council=False)
    assert facts["measures"]["lines"] == [{"account": muster.id, "late": 1, "since": "2026-10-01"}]


def test_a_group_with_a_target_only_has_its_day_and_source(world: World) -> None:
    world.sold(account(world, "Muster AG"), date(2026, 8, 31), 900, "target", product_group="Lager")
    lines = {line["group"]: line for line in summary(world)["groups"]["lines"]}
    assert (lines["Lager"]["value"], lines["Lager"]["against"]) == (None, "900.00")
    assert (lines["Lager"]["as_of"], lines["Lager"]["source"]) == ("2026-08-31", "sap")


def test_comments_pauses_and_services_carry_their_dates(world: World) -> None:
    muster = account(world, "Muster AG")
    said = {"quarter_first": QUARTER.first, "quarter_last": QUARTER.last, "text": "Moved to October."}
    comment = world.add(
        QuarterComment(account_id=muster.id, commented_on=date(2026, 10, 27), commented_at=STAMP, **said)
    )
    stamp = datetime.fromisoformat("2026-10-01T08:00+00:00")
    pause = world.add(Pause(account_id=muster.id, until_day=date(2026, 12, 1), reason="x", paused_at=stamp))
    service = world.add(Service(key="s", name="Samples"))
    world.add(
        ServiceGiven(account_id=muster.id, service_id=service.id, day=date(2026, 9, 9), value=Decimal(5))
    )
    assert summary(world)["comments"]["lines"] == []
    facts = summary(world, council=False)
    assert facts["comments"]["lines"] == [{"account": muster.id, "comment": comment.id, "on": "2026-10-27"}]
    assert facts["paused"]["lines"] == [{"account": muster.id, "until": "2026-12-01", "pause": pause.id}]
    assert facts["services"]["as_of"] == "2026-09-09"


def test_product_groups_not_bought_are_those_of_other_customers(world: World) -> None:
    world.sold(account(world, "Andere GmbH"), date(2026, 8, 31), 1000, product_group="Filter")
    found = summary(world)["not_bought"]
    assert found["by_group"]["lines"] == [{"group": "Ventile", "count": 1}]
    assert [(each["account"], each["groups"]) for each in found["lines"]] == [
        (account(world, "Andere GmbH").id, ["Ventile"])
    ]
    assert found["known"] == 2


def test_the_excel_file_has_every_customer_of_the_same_day(world: World) -> None:
    facts = summary(world)
    with db.read(world.engine) as session:
        every = quarter_summary.whole(session, facts, world.settings.company)
    assert every == facts


def test_a_closed_customer_is_not_in_the_report(world: World) -> None:
    summary(world)
    closed = account(world, "Andere GmbH")
    closed.closed_on = date(2026, 10, 25)
    world.add(closed)
    assert summary(world)["totals"]["revenue"]["value"] == "400000.00"

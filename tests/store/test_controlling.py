"""What the query tells the rule about a quarter: known amounts with date and source, the rest unknown."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from kamflow.figures.account_figures import Counted, Known, Projects
from kamflow.figures.quarter_facts import AccountQuarter, Controlling
from kamflow.models.account import Account
from kamflow.models.controlling import QuarterComment
from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.models.plan import Goal
from kamflow.models.revenue import Project
from kamflow.models.service import Service, ServiceClass, ServiceGiven
from kamflow.models.source import CompletePeriod, Source
from kamflow.settings import Company
from kamflow.store import controlling
from kamflow.store import engine as db
from kamflow.store.run import NO_ACCOUNT
from tests.world import STAMP, World

TODAY = date(2026, 10, 20)
END = date(2026, 9, 30)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt")


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    return world.account("Muster AG", witt, account_class="key")


def read(world: World, day: date = TODAY) -> Controlling:
    return world.facts("quarterly_controlling", day)


def of(world: World, account: Account, day: date = TODAY) -> AccountQuarter:
    return next(fact for fact in read(world, day).accounts if fact.figures.account == account.id)


def known(amount: int, day: date, source: str = "sap") -> Known:
    return Known(Decimal(amount), day, source)


def test_amounts_are_summed_in_the_windows_of_the_quarter(world: World, muster: Account) -> None:
    for day, amount in [
        (date(2024, 10, 1), 30), (date(2025, 8, 31), 70), (date(2025, 10, 31), 40),
        (date(2026, 6, 30), 60), (date(2026, 7, 31), 90), (date(2026, 9, 30), 10), (date(2026, 10, 1), 999),
    ]:  # fmt: skip
        world.sold(muster, day, amount)
    world.sold(muster, date(2026, 9, 30), 120, "target")
    world.sold(muster, date(2026, 6, 30), 80, "target")
    world.sold(muster, date(2026, 9, 30), 500, "forecast")

    figures = of(world, muster).figures

    assert (figures.revenue, figures.goal) == (known(100, END), known(120, END))
    assert (figures.previous, figures.previous_goal) == (
        known(60, date(2026, 6, 30)),
        known(80, date(2026, 6, 30)),
    )
    assert figures.year_ago == known(70, date(2025, 8, 31))
    assert figures.last_year == known(200, END)
    assert figures.year_before == known(100, date(2025, 8, 31))
    assert figures.company == known(200, END)


def test_missing_is_unknown_and_not_zero(world: World, muster: Account) -> None:
    figures = of(world, muster).figures

    assert [
        name
        for name in (
            "revenue",
            "goal",
            "margin",
            "services",
            "company",
            "measures",
            "contacts",
            "projects",
            "nps",
        )
        if getattr(figures, name) is not None
    ] == []
    assert (figures.unused, figures.not_bought) == ((), ())


def test_what_lies_before_the_data_begin_is_unknown(world: World, muster: Account) -> None:
    world.sold(muster, date(2025, 12, 31), 40)
    world.sold(muster, END, 100)

    figures = of(world, muster).figures

    assert (figures.year_ago, figures.year_before, figures.previous) == (None, None, None)
    assert figures.last_year == known(140, END)


def test_a_group_sums_its_sites_and_a_site_is_counted_there(world: World, muster: Account) -> None:
    site = world.account("Muster Werk", parent_id=muster.id, account_class="B")
    deeper = world.account("Muster Lager", parent_id=site.id, closed_on=date(2026, 8, 1))
    for account, amount in ((muster, 5), (site, 20), (deeper, 300)):
        world.sold(account, END, amount)

    group, one = of(world, muster), of(world, site)

    assert group.figures.revenue == known(325, END)
    assert (one.figures.revenue, one.group) == (known(320, END), muster.id)
    assert one.kam == group.kam  # who looks after the group looks after its sites
    assert len(read(world).accounts) == 2


def test_below_a_holding_that_is_not_controlled_an_account_is_looked_at_itself(world: World) -> None:
    holding = world.account("Holding")
    middle = world.account("Nord", parent_id=holding.id, account_class="C")
    key = world.account("Werk", parent_id=middle.id, account_class="key")
    site = world.account("Lager", parent_id=key.id, account_class="key")

    assert of(world, key).group is None
    assert of(world, site).group == key.id


def test_accounts_below_each_other_do_not_turn_in_circles(world: World, muster: Account) -> None:
    other = world.account("Andere GmbH", parent_id=muster.id)
    with db.write(world.engine) as session:
        session.get_one(Account, muster.id).parent_id = other.id
    world.sold(other, END, 20)

    assert of(world, muster).figures.revenue == known(20, END)


def test_several_sources_are_all_named(world: World, muster: Account) -> None:
    world.sold(muster, END, 20)
    world.sold(muster, date(2026, 9, 29), 30, source="abas")

    fact = of(world, muster)

    assert fact.figures.revenue == known(50, END, "abas, sap")
    assert fact.source == "sap"


def test_a_yearly_goal_of_the_plan_counts_where_no_target_is_set(world: World, muster: Account) -> None:
    for figure, amount in (("revenue", 1200), ("margin", 400), ("share", 12)):
        world.add(
            Goal(account_id=muster.id, figure=figure, amount=Decimal(amount), due_on=date(2026, 12, 31))
        )
    without = of(world, muster).figures
    world.sold(muster, END, 350, "target", margin=Decimal(90))
    posted = of(world, muster).figures

    assert [without.goal, without.margin_goal] == [known(300, END, "kamflow"), known(100, END, "kamflow")]
    assert without.previous_goal == known(300, date(2026, 6, 30), "kamflow")
    assert [posted.goal, posted.margin_goal] == [known(350, END), known(90, END)]


def test_margin_is_known_for_the_revenue_that_has_one(world: World, muster: Account) -> None:
    world.sold(muster, date(2026, 8, 31), 100, margin=Decimal(30))
    world.sold(muster, END, 50)

    figures = of(world, muster).figures

    assert (figures.margin, figures.margin_on) == (known(30, date(2026, 8, 31)), Decimal(100))


def test_services_given_free_of_charge_are_counted_and_unused_ones_named(
    world: World, muster: Account
) -> None:
    express, workshop, paid = (
        world.add(Service(key=key, name=key)) for key in ("express", "workshop", "paid")
    )
    for service, entitlement in ((express, "included"), (workshop, "included"), (paid, "paid")):
        world.add(ServiceClass(service_id=service.id, account_class="key", entitlement=entitlement))
    nothing_noted = of(world, muster).figures.unused
    for day, value, charge in ((END, 80, "waived"), (END, 500, "charged"), (date(2026, 6, 1), 7, "waived")):
        world.add(
            ServiceGiven(
                account_id=muster.id, service_id=express.id, day=day, value=Decimal(value), charge=charge
            )
        )

    figures = of(world, muster).figures

    assert nothing_noted == ()
    assert (figures.services, figures.unused) == (known(80, END, "kamflow"), (workshop.id,))


def test_product_groups_that_others_buy_are_named_best_sold_first(world: World, muster: Account) -> None:
    other = world.account("Andere GmbH")
    for group, amount in (("pumps", 10), ("valves", 30), ("filters", 20)):
        world.sold(other, date(2026, 3, 1), amount, product_group=group)
    world.sold(muster, END, 5, product_group="filters")

    assert of(world, muster).figures.not_bought == ("valves", "pumps")
    assert of(world, other).figures.not_bought == ()


def test_measures_contacts_and_projects_are_counted(world: World, witt: Person, muster: Account) -> None:
    world.measure(muster, date(2026, 7, 15), witt, done_on=date(2026, 10, 2))
    world.measure(muster, date(2026, 9, 1), witt)
    world.measure(muster, date(2026, 11, 1), witt)
    paul, karl = world.place("Paul", muster, 8), world.place("Karl", muster, 4)
    world.target(witt, paul, 2)
    world.target(witt, karl, 3)
    for day in (date(2026, 1, 12), date(2026, 3, 12), date(2026, 6, 12), date(2026, 10, 5)):
        world.meet(day, witt, paul)
    world.meet(date(2026, 9, 12), witt, karl)
    for state, opened, closed, value in (
        ("open", date(2026, 2, 1), date(2027, 1, 1), 100), ("open", date(2026, 10, 5), None, 7),
        ("won", None, date(2026, 8, 1), 50), ("won", None, date(2026, 10, 9), 30), ("lost", None, END, None),
    ):  # fmt: skip
        amount = Decimal(value) if value else None
        world.add(
            Project(
                account_id=muster.id, name="P", state=state, opened_on=opened, close_on=closed, value=amount
            )
        )

    figures = of(world, muster).figures

    assert figures.measures == Counted(1, 2, date(2026, 10, 2), "kamflow")
    assert figures.contacts == Counted(3, 5, date(2026, 9, 12), "crm")
    assert figures.projects == Projects(2, Decimal(130), 1, Decimal(50), 1, None, END, "kamflow")


def test_a_quarter_is_complete_when_every_source_of_it_says_so(world: World, muster: Account) -> None:
    world.sold(muster, END, 20)
    world.sold(muster, date(2026, 8, 1), 30, source="abas")
    for source, first, last, on in (
        ("sap", date(2026, 7, 1), END, date(2026, 10, 6)),
        ("abas", date(2026, 7, 1), date(2026, 8, 31), date(2026, 9, 3)),
        ("abas", date(2026, 9, 1), END, date(2026, 10, 8)),
    ):
        world.add(CompletePeriod(source=source, first=first, last=last, complete_on=on))

    assert read(world).quarter.complete_on == date(2026, 10, 8)
    assert read(world, date(2026, 10, 7)).quarter.complete_on is None


def test_the_quarter_that_ended_last_follows_the_fiscal_year(world: World, muster: Account) -> None:
    head = world.person("Lang", "head")
    found = read(world).quarter
    assert (str(found.period), found.asked_until) == ("2026-07-01..2026-09-30", date(2026, 12, 31))
    assert found.heads == (head.id,)

    company = Company(region="BY", fiscal_year_start=2)
    world.settings = world.settings.model_copy(update={"company": company})
    found = read(world).quarter
    assert (str(found.period), str(found.year)) == ("2026-05-01..2026-07-31", "2026-02-01..2027-01-31")


def test_who_brings_the_figures_and_when_they_came(world: World, witt: Person, muster: Account) -> None:
    owner = world.person("Ott", "operations")
    other = world.account("Andere GmbH")
    world.add(Source(key="sap", owner_id=owner.id))
    world.sold(muster, END, 20)
    for moment in (datetime(2026, 10, 14, 22, 30, tzinfo=UTC), datetime(2026, 10, 19, 3, 0, tzinfo=UTC)):
        world.add(Event(name="revenue.imported", at=moment, account_id=muster.id, payload={"entries": 1}))

    fact, silent = of(world, muster), of(world, other)

    assert (fact.source, fact.source_owner.person, fact.kam.person) == ("sap", owner.id, witt.id)
    assert fact.arrived == date(2026, 10, 15)  # half past midnight in Berlin
    assert (silent.source, silent.arrived, silent.kam) == ("sap", None, None)


def test_who_has_left_is_not_asked(world: World, muster: Account) -> None:
    gone = world.person("Weg", left_on=date(2026, 10, 19))
    world.add(Source(key="sap", owner_id=gone.id))
    world.sold(muster, END, 20)

    assert of(world, muster).source_owner is None
    assert of(world, muster, date(2026, 10, 19)).source_owner is not None


def test_a_comment_is_found_from_the_day_it_was_written(world: World, witt: Person, muster: Account) -> None:
    days = {"quarter_first": date(2026, 7, 1), "quarter_last": END, "commented_on": date(2026, 10, 19)}
    stamp = datetime(2026, 10, 19, 8, tzinfo=UTC)
    world.add(QuarterComment(account_id=muster.id, text="why", person_id=witt.id, commented_at=stamp, **days))

    assert of(world, muster).commented_on == date(2026, 10, 19)
    assert of(world, muster, date(2026, 10, 18)).commented_on is None


def test_an_accounts_facts_are_those_of_the_whole_run(world: World, witt: Person, muster: Account) -> None:
    site = world.account("Muster Werk", parent_id=muster.id)
    other = world.account("Andere GmbH", witt, account_class="key")
    for account, amount in ((muster, 5), (site, 20), (other, 300)):
        world.sold(account, END, amount, product_group=account.name)

    with db.read(world.engine) as session:
        run = world.run(session, "quarterly_controlling", TODAY)
        alone = controlling.facts(run, frozenset({muster.id}))
        nobody = controlling.facts(run, frozenset({NO_ACCOUNT}))

    whole = read(world)
    assert (alone.quarter, nobody.quarter) == (whole.quarter, whole.quarter)
    assert [fact.figures for fact in alone.accounts] == [of(world, muster).figures]
    assert list(nobody.accounts) == []


def test_all_batches_of_a_run_share_the_companys_totals_until_revenue_is_imported(
    world: World, muster: Account
) -> None:
    world.sold(muster, END, 100)
    with db.read(world.engine) as session:
        run = world.run(session, "quarterly_controlling", TODAY)
        first = controlling.facts(run, frozenset({muster.id})).accounts[0].figures
    world.sold(muster, END - timedelta(days=1), 50)
    with db.read(world.engine) as session:
        same = controlling.facts(replace(run, session=session), frozenset({muster.id})).accounts[0].figures
    world.add(Event(name="revenue.imported", at=STAMP, account_id=muster.id, payload={"entries": 1}))
    with db.read(world.engine) as session:
        after = controlling.facts(replace(run, session=session), frozenset({muster.id})).accounts[0].figures

    assert [each.company.amount for each in (first, same, after)] == [100, 100, 150]

"""The facts of a plan's document come from the rows as they are, names looked up, nothing added."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.documents.account_plan.plan import AccountPlan as Document
from kamflow.intake.forms import labels, plan_export
from kamflow.intake.forms.plan_export import Export
from kamflow.models import training
from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan, OpenQuestion, PlanSection
from kamflow.models.training import Axis, PositionCriterion
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import engine as db
from kamflow.store import plan_document
from kamflow.store.plan_document import Around
from tests.world import World

TODAY = date(2026, 11, 5)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def account(world: World) -> Account:
    """Muster AG with a plan for 2027 by Witt, approved by Berg on 3 November."""
    witt, berg = world.person("Witt"), world.person("Berg", "head")
    muster = world.account("muster", witt, account_class="key")
    said = {"account_id": muster.id, "year_first": date(2027, 1, 1), "year_last": date(2027, 12, 31)}
    decided = {"state": "approved", "decided_at": datetime(2026, 11, 2, 23, 30, tzinfo=UTC),
               "decided_by_id": berg.id}  # fmt: skip
    plan = world.add(AccountPlan(**said, **decided, author_id=witt.id))
    world.add(PlanSection(plan_id=plan.id, number=2, body="One\n\n two", filled_on=date(2026, 9, 3),
                          answers={"potential": "Grows"}))  # fmt: skip
    world.add(OpenQuestion(account_id=muster.id, plan_id=plan.id, section=2, code="2.finances", question="?",
                           owner_id=witt.id, due_on=TODAY))  # fmt: skip
    return muster


def document(session: Session, account: Account) -> Document:
    company = Company()
    export = Export(session, TODAY, company, Policy(), "de", labels.load(session))
    form = plan_export.load(export, session.get_one(Account, account.id))
    return plan_document.facts(session, form, Around("EUR", company.zone, "2027", 120))


def test_the_head_names_who_decided_on_the_day_where_the_company_is(world: World, account: Account):
    with db.read(world.engine) as session:
        head = document(session, account).head
    assert (head.state, head.state_on, head.decided_by) == ("approved", date(2026, 11, 3), "Berg")
    assert (head.kam, head.author, head.form, head.called) == (("Witt",), "Witt", "key", "2027")


def test_a_section_has_its_answers_its_remarks_and_who_finds_the_rest_out(world: World, account: Account):
    with db.read(world.engine) as session:
        section = document(session, account).section(2)
    assert (section.remarks, section.text("potential")) == (("One", "two"), ("Grows",))
    found = {each.code: each.finding for each in section.answers}
    assert (found["finances"].person, found["finances"].due) == ("Witt", TODAY)
    assert (found["potential"], found["strategy"].person, section.unknown) == (None, None, 5)


def test_a_year_of_which_only_a_part_is_known_is_compared_with_nothing(world: World, account: Account):
    for day, amount in ((date(2024, 7, 1), 100), (date(2025, 3, 1), 300), (date(2026, 3, 1), 330)):
        world.sold(account, day, amount)
    with db.read(world.engine) as session:
        revenue = document(session, account).revenue
    assert (revenue.partly, revenue.since) == (0, date(2024, 7, 1))
    assert revenue.total.amounts == (Decimal(100), Decimal(300), Decimal(330), None)
    assert revenue.total.changes == (None, Decimal(10), None)


def test_the_newest_position_counts_entered_or_from_its_criteria(world: World, account: Account):
    said = {"account_id": account.id, "rated_on": date(2026, 8, 20)}
    world.add(training.Position(account_id=account.id, rated_on=date(2026, 1, 5), attractiveness=10))
    world.add(training.Position(**said, competitive=40, strategy="Grow"))
    for name, points in (("Volume", 60), ("Growth", 80), ("Unknown", None)):
        world.add(PositionCriterion(**said, axis=Axis.ATTRACTIVENESS, name=name, points=points))
    world.add(training.Gap(account_id=account.id, service="Support", need="-", action="Train\nmore"))
    with db.read(world.engine) as session:
        found = document(session, account)
    at = found.position
    assert (at.rated_on, at.attractiveness, at.competitive, at.field) == (said["rated_on"], 70, 40, "build")
    assert [(each.service, each.need, each.action) for each in found.gaps] == [
        ("Support", "-", ("Train", "more"))
    ]

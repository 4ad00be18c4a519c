"""What the queries tell the rules about measures and requests: who is asked, and what was said."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from kamflow.figures.request_dates import RequestFacts
from kamflow.models.account import Account
from kamflow.models.nudge import StepDone
from kamflow.models.person import Department, DepartmentLead, Person
from kamflow.models.training import CollaborationRule
from kamflow.rules.measure_followup import MeasureFacts
from kamflow.store import requests
from tests.world import World

TODAY = date(2026, 9, 14)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt", superior_id=world.person("Lang", "head").id)


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    return world.account("Muster AG", witt, account_class="key")


def measures(world: World, day: date = TODAY) -> list[MeasureFacts]:
    return world.facts("measure_followup", day)


def asked(world: World, day: date = TODAY) -> list[RequestFacts]:
    return world.facts("department_requests", day)


def test_a_measure_is_asked_of_its_owner_or_the_kam(world: World, witt: Person, muster: Account) -> None:
    site = world.account("Muster Werk", parent_id=muster.id)
    owner, gone = world.person("Arnst"), world.person("Weg", left_on=date(2026, 9, 13))
    world.absent(owner, date(2026, 9, 1), date(2026, 9, 30))
    world.measure(muster, date(2026, 9, 18), owner, side="joint")
    world.measure(site, date(2026, 9, 18), gone, moved_reason="late")

    first, second = measures(world)

    assert (first.owner.person, first.kam.person, first.side, first.moved) == (
        owner.id,
        witt.id,
        "joint",
        False,
    )
    assert not first.owner.calendar.is_workday(date(2026, 9, 14))
    assert (second.owner, second.kam.person, second.moved) == (None, witt.id, True)


def test_what_is_done_is_known_from_its_day_on_and_forgotten_later(
    world: World, witt: Person, muster: Account
) -> None:
    world.measure(muster, date(2026, 9, 18), witt, done_on=date(2026, 9, 10))

    assert [fact.done_on for fact in measures(world)] == [date(2026, 9, 10)]
    assert [fact.done_on for fact in measures(world, date(2026, 9, 9))] == [None]
    assert measures(world, date(2026, 12, 31)) == []


def test_closed_accounts_have_no_measures_and_no_requests(world: World, witt: Person) -> None:
    closed = world.account("Alt GmbH", witt, closed_on=date(2026, 9, 1))
    world.measure(closed, date(2026, 9, 18), witt)
    world.request(closed, witt)

    assert (measures(world), asked(world)) == ([], [])


def test_a_request_knows_its_department_and_the_agreed_lead_time(
    world: World, witt: Person, muster: Account
) -> None:
    logistics = world.add(Department(key="log", name="Logistics"))
    lech, leads = world.person("Lech", "specialist"), world.person("Leitner", "specialist")
    deputy = world.person("Vertreter", "specialist")
    for person, deputises in ((leads, False), (deputy, True)):
        world.add(DepartmentLead(department_id=logistics.id, person_id=person.id, deputy=deputises))
    world.add(CollaborationRule(department_id=logistics.id, kind="delivery_times", lead_time=15))
    world.request(muster, lech, department_id=logistics.id)
    world.request(muster, lech, department_id=logistics.id, kind="prices")

    one, other = asked(world)

    assert (one.lead_time, other.lead_time) == (15, None)
    people = (one.specialist, one.lead, one.kam, one.head)
    assert [each.person for each in people] == [lech.id, leads.id, witt.id, witt.superior_id]
    assert (one.asked_on, one.customer_date) == (date(2026, 9, 1), date(2026, 11, 27))


def test_who_has_left_does_not_answer_the_deputy_lead_and_a_head_do(world: World, muster: Account) -> None:
    logistics = world.add(Department(key="log", name="Logistics"))
    gone, deputy = world.person("Weg", left_on=date(2026, 9, 1)), world.person("Vertreter", "specialist")
    for person, deputises in ((gone, False), (deputy, True)):
        world.add(DepartmentLead(department_id=logistics.id, person_id=person.id, deputy=deputises))
    world.request(muster, gone, department_id=logistics.id)

    [fact] = asked(world)

    assert (fact.specialist, fact.lead.person) == (None, deputy.id)


def test_a_refusal_is_known_from_its_day_on_with_what_was_said_of_it(
    world: World, witt: Person, muster: Account
) -> None:
    row = world.request(muster, witt, state="refused", cause="conflict", decided_on=date(2026, 9, 10))
    stamp = datetime(2026, 9, 11, 8, tzinfo=UTC)
    said = requests.identity(muster.id, row.id, "refused")
    world.add(StepDone(identity=said, person_id=witt.id, done_on=date(2026, 9, 11), done_at=stamp))

    [now] = asked(world)
    [before] = asked(world, date(2026, 9, 9))

    assert (now.state, now.cause, now.read) == ("refused", "conflict", {"refused": date(2026, 9, 11)})
    assert (before.state, before.cause, before.decided_on, before.read) == ("open", None, None, {})


def test_a_request_without_a_day_on_which_it_was_asked_is_not_called_late(
    world: World, witt: Person, muster: Account
) -> None:
    world.request(muster, witt, asked_on=None)
    assert asked(world)[0].asked_on == date(2026, 1, 1)


def test_what_was_delivered_is_forgotten_later_and_what_is_not_asked_yet_unknown(
    world: World, witt: Person, muster: Account
) -> None:
    world.request(muster, witt, state="delivered", decided_on=date(2026, 9, 10))

    assert [fact.state for fact in asked(world)] == ["delivered"]
    assert asked(world, date(2026, 12, 31)) == []
    assert asked(world, date(2026, 8, 31)) == []

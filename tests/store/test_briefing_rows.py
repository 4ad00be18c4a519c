"""A group's briefing has what stands at its sites, each line with the account it stands at."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from kamflow.models.account import Account
from kamflow.models.person import Person
from kamflow.models.plan import Goal, Measure, OpenQuestion
from kamflow.models.service import Service, ServiceGiven
from kamflow.models.training import Complaint, Gap
from kamflow.store import briefing_delta, briefing_facts, briefing_rows
from kamflow.store import engine as db
from tests.meeting_rows import meeting, talk
from tests.surveyed import Surveyed

DAY, M = date(2026, 9, 7), date(2026, 9, 22)
LISTS = ("measures", "questions", "complaints", "services", "gaps", "goals")


@pytest.fixture
def world(engine: Engine) -> Surveyed:
    return Surveyed(engine)


@pytest.fixture
def witt(world: Surveyed) -> Person:
    return world.person("Witt")


@pytest.fixture
def group(world: Surveyed, witt: Person) -> Account:
    return world.account("Halm Gruppe", witt, account_class="key")


@pytest.fixture
def site(world: Surveyed, group: Account) -> Account:
    return world.account("Halm Werk Nord", parent_id=group.id)


def facts(world: Surveyed, group: Account, *attending: Any) -> dict[str, Any]:
    booked = talk(world, meeting(world, group), M, *attending)
    with db.read(world.engine) as session:
        return briefing_facts.gather(world.run(session, "annual_meeting", DAY), [booked.id or 0])[
            booked.id or 0
        ]


def everything(world: Surveyed, account: Account) -> None:
    at = {"account_id": account.id}
    service = world.add(Service(name=f"Delivery {account.name}", key=account.name))
    world.add(Measure(title="Price list", **at))
    world.add(OpenQuestion(question="Who decides?", **at))
    world.add(Complaint(subject="Late", opened_on=DAY, **at))
    world.add(ServiceGiven(service_id=service.id, day=DAY, charge="waived", source="crm", **at))
    world.add(Gap(service="Delivery", need="-", **at))
    world.add(Goal(figure="revenue", amount=Decimal(5), due_on=date(2026, 12, 31), **at))


def test_what_stands_at_a_site_stands_on_the_groups_page_with_the_site(
    world: Surveyed, group: Account, site: Account
) -> None:
    everything(world, site)
    everything(world, group)

    found = facts(world, group)

    for name in LISTS:
        assert {line["account"] for line in found[name]} == {group.id, site.id}, name
    assert len(found["compared"]["measures"]) == 2


def test_of_a_site_that_is_closed_only_services_given_are_left(
    world: Surveyed, group: Account, site: Account
) -> None:
    everything(world, site)
    with db.write(world.engine) as session:
        session.merge(site).closed_on = DAY

    found = facts(world, group)
    assert [name for name in LISTS if found[name]] == ["services"]


def test_the_matrix_of_a_group_has_the_contacts_of_its_sites_and_who_met_them_last(
    world: Surveyed, group: Account, site: Account, witt: Person
) -> None:
    kruse = world.person("Kruse")
    paul, karl = world.place("Paul", group, 8), world.place("Karl", site, 4)
    world.target(witt, paul, 6)
    world.target(witt, karl, 2)
    world.meet(date(2026, 3, 2), witt, karl)
    world.meet(date(2026, 5, 4), kruse, karl)

    [plan] = facts(world, group)["matrix"]

    assert [(cell["contact"], cell["account"]) for cell in plan["cells"]] == [
        (paul.contact_id, group.id), (karl.contact_id, site.id),
    ]  # fmt: skip
    assert [(each["contact"], each["person"], each["day"]) for each in plan["last"]] == [
        (karl.contact_id, kruse.id, "2026-05-04")
    ]


def test_a_place_at_a_site_counts_and_one_that_begins_later_does_not(
    world: Surveyed, group: Account, site: Account, witt: Person
) -> None:
    here = world.place("Paul", group, 3)
    world.place("Karl", group, 9, from_day=date(2026, 9, 8))
    at_site = world.place("Anna", site, 7)
    contacts = [here.contact_id, here.contact_id + 1, at_site.contact_id]

    with db.read(world.engine) as session:
        found = briefing_rows.places(session, [group.id or 0], contacts, DAY)

    assert {contact: weight for (_, contact), (_, weight, _) in found.items()} == {
        here.contact_id: 3, at_site.contact_id: 7,
    }  # fmt: skip


def test_a_morning_does_not_tell_how_many_contacts_others_held() -> None:
    before = {
        "day": "2026-09-22",
        "starts_at": None,
        "persons": [],
        "contacts": [],
        "measures": [],
        "complaints": [],
    }
    was, now = ({"contacts": {"unit": "count", "value": count, "as_of": None}} for count in (14, 15))
    assert briefing_delta.kinds(before | {"figures": was}, before | {"figures": now}) == ()

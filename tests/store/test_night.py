"""A night on a small company: what the rules say ends up in the tables, once."""

from datetime import date

from sqlalchemy import Engine

from kamflow.models.account import Team
from kamflow.models.contact import Place
from kamflow.store import engine as db
from kamflow.store import names
from tests.world import World


def test_a_contact_behind_plan_becomes_one_nudge_and_closes_when_the_contact_is_logged(
    engine: Engine,
) -> None:
    world = World(engine)
    kruse, witt = world.person("Kruse", "sponsor", level="board"), world.person("Witt")
    muster = world.account("Muster AG", witt)
    knut = world.place("Knut", muster, 5)
    world.target(kruse, knut, 1)
    world.meet(date(2025, 3, 12), kruse, knut)

    opened = world.night("contact_shortfall", date(2026, 10, 15))
    again = world.night("contact_shortfall", date(2026, 10, 15))
    [nudge] = world.nudges()

    assert (opened.opened, again.opened, again.updated, again.closed) == (1, 0, 0, 0)
    assert nudge.owner_id == kruse.id
    assert nudge.facts["cells"][0] | {"since": ""} == {
        "target": 1, "contact": knut.contact_id, "soll": 1, "held": 0, "unconfirmed": 0, "booked": 0,
        "gap": 1, "influence": 5, "last": "2025-03-12", "since": "", "mode": "latest_start", "fits": True,
        "first": "2026-01-01", "last_day": "2026-12-31",
    } | {"target": nudge.facts["cells"][0]["target"]}  # fmt: skip

    world.meet(date(2026, 10, 16), kruse, knut)
    closed = world.night("contact_shortfall", date(2026, 10, 17))

    assert closed.closed == 1
    assert world.nudges() == []
    assert world.nudges(living=False)[0].closed_as == "done"


def test_a_plan_is_drafted_once_with_its_sections_and_asked_for_until_it_is_approved(engine: Engine) -> None:
    world = World(engine)
    head = world.person("Lang", "head")
    witt = world.person("Witt", superior_id=head.id)
    muster = world.account("Muster AG", witt, account_class="key")

    before = world.night("plan_creation", date(2026, 6, 30))
    first = world.night("plan_creation", date(2026, 7, 1))
    second = world.night("plan_creation", date(2026, 7, 2))

    assert (before.opened, first.opened, first.effects, second.opened, second.effects) == (0, 1, 2, 0, 0)
    [nudge] = world.nudges()
    assert (nudge.step, nudge.owner_id, nudge.account_id) == ("hand_in", witt.id, muster.id)
    assert (nudge.since, nudge.due_on) == (date(2026, 7, 1), date(2026, 10, 30))
    assert [effect.key for effect in world.effects()] == [
        f"calendar:account.{muster.id}+person.{witt.id}:2027-01-01..2027-12-31:hand_in",
        f"create_plan:account.{muster.id}:2027-01-01..2027-12-31:draft",
    ]


def test_a_booking_that_another_source_reports_as_held_is_one_contact(engine: Engine) -> None:
    world = World(engine)
    witt = world.person("Witt")
    paul = world.place("Paul", world.account("Muster AG", witt), 8)
    world.target(witt, paul, 12)
    world.meet(date(2026, 9, 3), witt, paul, "booked")
    world.meet(date(2026, 9, 3), witt, paul, "held")

    [facts] = world.facts("contact_shortfall", date(2026, 9, 4))

    assert [(cell.held, cell.booked) for cell in facts.cells] == [(1, ())]


def test_a_visit_to_one_account_is_none_to_another_of_the_same_contact(engine: Engine) -> None:
    world = World(engine)
    witt = world.person("Witt")
    muster, gamma = world.account("Muster AG", witt), world.account("Gamma AG", witt)
    paul = world.place("Paul", muster, 8, position="Buyer")
    there = world.add(Place(contact_id=paul.contact_id, account_id=gamma.id, position="Supervisor"))
    for place in (paul, there):
        world.target(witt, place, 12)
    world.meet(date(2026, 9, 3), witt, paul)
    world.meet(date(2026, 9, 20), witt, there, "booked")

    at_muster, at_gamma = world.facts("contact_shortfall", date(2026, 9, 4))

    assert [(cell.held, cell.booked) for cell in at_muster.cells] == [(1, ())]
    assert [(cell.held, cell.booked) for cell in at_gamma.cells] == [(0, (date(2026, 9, 20),))]
    assert at_gamma.as_of == date(2026, 9, 20)  # a first meeting that is booked is data
    with db.read(engine) as session:
        known = names.load(session, contacts=[paul.contact_id], accounts=[muster.id])
    assert known.contacts[paul.contact_id].position == "Buyer"


def test_the_source_of_a_figure_is_that_of_its_newest_day(engine: Engine) -> None:
    world = World(engine)
    witt = world.person("Witt")
    paul = world.place("Paul", world.account("Muster AG", witt), 8)
    world.target(witt, paul, 12)
    world.meet(date(2026, 8, 5), witt, paul)
    old = world.meet(date(2026, 3, 5), witt, paul)
    with db.write(engine) as session:
        session.merge(old).source = "salesforce"

    [facts] = world.facts("contact_shortfall", date(2026, 9, 4))

    assert (facts.as_of, facts.source) == (date(2026, 8, 5), "crm")


def test_the_kam_since_ever_goes_before_one_who_came_later(engine: Engine) -> None:
    world = World(engine)
    old, new = world.person("Old"), world.person("New")
    muster = world.account("Muster AG", old)
    world.add(Team(person_id=new.id, account_id=muster.id, role="kam", from_day=date(2026, 6, 1)))
    world.target(old, world.place("Paul", muster), 12)

    [facts] = world.facts("contact_shortfall", date(2026, 9, 4))

    assert facts.kam == old.id

"""Thresholds of one account and of a class of accounts, as a night applies them."""

from datetime import date

import pytest
from sqlalchemy import Engine, event

from kamflow import policy
from kamflow.models.account import Account, AccountClass, AccountPolicy
from kamflow.models.person import Person
from kamflow.policy import parse
from kamflow.store import engine as db
from kamflow.store import own_policy, registry
from tests.world import World

MONDAY = date(2026, 9, 7)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt")


@pytest.fixture
def accounts(world: World, witt: Person) -> list[Account]:
    """Two accounts, one of them a key account, each with a measure due on 30 September."""
    made = [world.account("A", witt, account_class="key"), world.account("B", witt)]
    for account in made:
        world.measure(account, date(2026, 9, 30), witt)
    return made


def own(world: World, account: Account, name: str, value: object, first: date = MONDAY) -> None:
    world.add(AccountPolicy(account_id=account.id or 0, name=name, value=value, from_day=first))


def asked(world: World) -> list[int]:
    return [nudge.account_id or 0 for nudge in world.nudges()]


def test_a_night_asks_earlier_where_the_head_said_so(world: World, accounts: list[Account]) -> None:
    own(world, accounts[1], "measure_followup.ahead", 20)

    world.night("measure_followup", MONDAY)

    assert asked(world) == [accounts[1].id]
    [nudge] = world.nudges()
    assert (nudge.since, nudge.why["days"]) == (date(2026, 9, 2), 20)


def test_what_counts_later_closes_what_it_no_longer_asks_for(world: World, accounts: list[Account]) -> None:
    own(world, accounts[1], "measure_followup.ahead", 20)
    own(world, accounts[1], "measure_followup.ahead", None, date(2026, 9, 8))

    world.night("measure_followup", MONDAY)
    world.night("measure_followup", date(2026, 9, 8))

    assert asked(world) == []


def test_a_class_of_accounts_has_thresholds_of_its_own(world: World, accounts: list[Account]) -> None:
    world.policy = parse({"class": {"key": {"measure_followup": {"ahead": 20}}}})

    world.night("measure_followup", MONDAY)

    assert asked(world) == [accounts[0].id]


def test_hand_ins_of_one_person_are_placed_by_what_counts_for_each_account(
    world: World, witt: Person
) -> None:
    """A batch of one account looks at the other plans of its KAM with their own thresholds, too."""
    first, second = (world.account(name, witt, account_class="key") for name in "AB")
    world.policy = parse({"class": {"key": {"plan_creation": {"budget_before": 72}}}})
    own(world, second, "plan_creation.budget_before", 92, date(2026, 6, 1))

    world.night("plan_creation", date(2026, 7, 1))

    due = {nudge.account_id: nudge.due_on for nudge in world.nudges() if nudge.step == "hand_in"}
    assert due == {first.id: date(2026, 10, 21), second.id: date(2026, 10, 1)}


def test_the_rules_and_classes_that_may_differ_are_those_there_are() -> None:
    assert set(policy.RULES) == set(registry.RULES)
    assert tuple(AccountClass) == policy.CLASSES


def test_without_any_it_costs_one_query_and_nothing_else(world: World, accounts: list[Account]) -> None:
    asked_for: list[str] = []
    event.listen(world.engine, "after_cursor_execute", lambda *a: asked_for.append(a[2]))
    with db.read(world.engine) as session:
        found = own_policy.load(session, world.policy, MONDAY, frozenset({1, 2}))
    assert found is world.policy
    assert len([each for each in asked_for if each.startswith("SELECT")]) == 1


def test_a_batch_reads_the_thresholds_of_its_accounts_and_of_their_kams_others(
    world: World, accounts: list[Account]
) -> None:
    other = world.account("C", world.person("Other"))
    for account in (*accounts, other):
        own(world, account, "measure_followup.ahead", 20)

    with db.read(world.engine) as session:
        batch = own_policy.of_accounts(session, MONDAY, frozenset({accounts[0].id or 0}))
        everywhere = own_policy.of_accounts(session, MONDAY)

    assert (set(batch), len(everywhere)) == ({account.id for account in accounts}, 3)

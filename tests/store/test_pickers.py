"""Who a Slack account is, and what somebody may choose from."""

from datetime import date

import pytest
from sqlalchemy import Engine

from kamflow.store import engine as db
from kamflow.store import pickers, slack_people
from tests.world import World

TODAY = date(2026, 9, 7)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def test_accounts_come_by_name_and_are_found_by_a_part_of_it_whatever_its_case(world: World):
    for name in ("zeta GmbH", "Übermut AG", "Alpha 100% AG"):
        world.account(name)
    closed = world.account("Alt AG", closed_on=date(2026, 1, 1))
    with db.read(world.engine) as session:
        everything = pickers.accounts(session, None, TODAY)
        found = [pickers.accounts(session, None, TODAY, text) for text in ("über", "100%", "%", "x")]
        none = pickers.accounts(session, {closed.id or 0}, TODAY)

    assert [name for _, name in everything] == ["Alpha 100% AG", "zeta GmbH", "Übermut AG"]
    assert [[name for _, name in each] for each in found] == [
        ["Übermut AG"],
        ["Alpha 100% AG"],
        ["Alpha 100% AG"],
        [],
    ]
    assert none == []


def test_people_of_a_customer_come_by_influence_and_only_while_they_are_there(world: World):
    account = world.account("Muster AG")
    world.place("Paul", account, 4, position="Buyer")
    world.place("Knut", account, 9)
    world.place("Gone", account, 10, until_day=date(2026, 6, 30))
    with db.read(world.engine) as session:
        found = pickers.contacts(session, account.id or 0, TODAY)
        named = pickers.named(session, [number for number, _ in reversed(found)])

    assert [words for _, words in found] == ["Knut", "Paul, Buyer"]
    assert [words for _, words in named] == ["Paul", "Knut"]


def test_a_slack_account_is_one_person_who_is_still_with_us(world: World):
    witt = world.person("Witt", slack_id="U1", email="Witt@Example.com")
    world.person("Gone", slack_id="U2", left_on=date(2026, 8, 31))
    world.person("One", email="both@example.com")
    world.person("Two", email="both@example.com")
    with db.read(world.engine) as session:
        by_id = [slack_people.by_slack_id(session, each, TODAY) for each in ("U1", "U2", "U9")]
        by_email = [
            slack_people.by_email(session, each, TODAY) for each in ("witt@example.com", "both@example.com")
        ]

    assert [each and each.id for each in by_id] == [witt.id, None, None]
    assert [each and each.id for each in by_email] == [witt.id, None]

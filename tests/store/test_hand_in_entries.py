"""Hand-ins in calendars, night by night: Witt's plan for 2027 is due on Friday 30 October 2026."""

from datetime import date

import pytest
from sqlalchemy import Engine, update

from kamflow.models.account import Account, Team
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.policy import Policy
from kamflow.store import engine as db
from kamflow.thresholds import PlanCreation
from tests.meeting_rows import mark, messages
from tests.world import World

# What is asked of the database in another way than elsewhere is tried on both.
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RULE = "plan_creation"
START = date(2026, 7, 1)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt")


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    """Planned from 1 July on; the entry goes out the night after."""
    account = world.account("Muster AG", witt, account_class="key")
    world.night(RULE, START)
    world.night(RULE, date(2026, 7, 2))
    return account


def change(world: World, table: type[AccountPlan | Account | Team | StoredMessage], **values: object) -> None:
    with db.write(world.engine) as session:
        session.execute(update(table).values(values))


def sent(world: World) -> list[tuple[int | None, str, str, int]]:
    found = [(each.person_id, each.facts) for each in messages(world, "calendar")]
    return [(person, facts["method"], facts["day"], facts["sequence"]) for person, facts in found]


def test_the_hand_in_is_entered_once_and_its_uid_is_this_installations(
    world: World, muster: Account, witt: Person
) -> None:
    world.night(RULE, date(2026, 7, 3))

    assert sent(world) == [(witt.id, "request", "2026-10-30", 0)]
    [message] = messages(world, "calendar")
    assert (message.template, message.channel) == ("hand_in_entry", "email")
    assert message.facts["uid"].endswith("@example.com")
    assert message.facts["year"] == {"first": "2027-01-01", "last": "2027-12-31"}


def test_another_day_counts_up_under_the_same_uid(world: World, muster: Account, witt: Person) -> None:
    mark(world, "sent")
    change(world, AccountPlan, hand_in_on=date(2026, 10, 23))
    world.night(RULE, date(2026, 7, 3))
    world.night(RULE, date(2026, 7, 6))

    assert sent(world)[1:] == [(witt.id, "request", "2026-10-23", 1)]
    assert len({each.facts["uid"] for each in messages(world, "calendar")}) == 1


@sqlite_only
def test_who_takes_over_has_it_and_who_wrote_before_has_not(
    world: World, muster: Account, witt: Person
) -> None:
    mark(world, "sent")
    kruse = world.person("Kruse")
    change(world, Team, person_id=kruse.id)
    world.night(RULE, date(2026, 7, 3))

    assert sent(world)[1:] == [(witt.id, "cancel", "2026-10-30", 1), (kruse.id, "request", "2026-10-30", 1)]


@sqlite_only
def test_who_was_never_sent_one_needs_no_taking_back(world: World, muster: Account) -> None:
    mark(world, "cancelled")
    change(world, Team, person_id=world.person("Kruse").id)
    world.night(RULE, date(2026, 7, 3))

    assert [method for _, method, _, _ in sent(world)] == ["request", "request"]


@sqlite_only
def test_a_plan_that_was_submitted_keeps_its_entry(world: World, muster: Account) -> None:
    mark(world, "sent")
    change(world, AccountPlan, state="submitted", submitted_at=world.home().now())
    world.night(RULE, date(2026, 9, 8))

    assert len(sent(world)) == 1


def test_of_a_closed_account_the_entry_is_taken_back_once(world: World, muster: Account) -> None:
    mark(world, "sent")
    change(world, Account, closed_on=date(2026, 7, 31))
    world.night(RULE, date(2026, 8, 3))
    world.night(RULE, date(2026, 8, 4))

    assert [method for _, method, _, _ in sent(world)] == ["request", "cancel"]
    assert world.nudges() == []


@sqlite_only
@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_of_a_closed_account_that_of_a_plan_handed_in_is_taken_back_too(
    world: World, muster: Account, state: str
) -> None:
    mark(world, "sent")
    change(world, AccountPlan, state=state, submitted_at=world.home().now(), decided_at=world.home().now())
    world.night(RULE, date(2026, 9, 8))
    change(world, Account, closed_on=date(2026, 9, 9))
    world.night(RULE, date(2026, 9, 10))
    world.night(RULE, date(2026, 9, 11))

    assert [method for _, method, _, _ in sent(world)] == ["request", "cancel"]


@sqlite_only
@pytest.mark.parametrize(
    ("state", "cause", "again"),
    [
        ("cancelled", "plan-handed-in", True),
        ("cancelled", "account-elsewhere", True),
        ("cancelled", "plan-gone", True),
        ("cancelled", "not needed", False),
        ("failed", "address refused", False),
    ],
)
def test_what_was_not_wanted_for_a_while_is_written_again_and_what_failed_is_not(
    world: World, muster: Account, state: str, cause: str, again: bool
) -> None:
    change(world, StoredMessage, state=state, cause=cause)
    change(world, AccountPlan, state="returned", decided_at=world.home().now())
    for day in (date(2026, 9, 9), date(2026, 9, 10)):
        world.night(RULE, day)

    assert [method for _, method, _, _ in sent(world)] == ["request"] * (2 if again else 1)


@sqlite_only
def test_nobody_is_sent_more_than_two_in_a_morning_and_the_nearest_come_first(
    world: World, witt: Person
) -> None:
    for name in ("Muster AG", "Halm", "Feinblech", "Lech", "Kranz"):
        world.account(name, witt, account_class="key")
    world.night(RULE, START)

    leave = [(each.due_at.date().day, each.facts["day"]) for each in messages(world, "calendar")]
    assert sorted(day for day, _ in leave) == [1, 1, 2, 2, 3]
    assert [hand_in for _, hand_in in sorted(leave)] == sorted(hand_in for _, hand_in in leave)


@sqlite_only
def test_those_that_wait_already_count_the_next_night(world: World, witt: Person) -> None:
    for name in ("Muster AG", "Halm", "Feinblech"):
        world.account(name, witt, account_class="key")
    world.night(RULE, START)
    for name in ("Lech", "Kranz"):
        world.account(name, witt, account_class="key")
    world.night(RULE, date(2026, 7, 2))

    assert sorted(each.due_at.date().day for each in messages(world, "calendar")) == [1, 1, 2, 2, 3]


@sqlite_only
def test_switched_off_no_hand_in_is_entered(world: World, witt: Person) -> None:
    world.policy = Policy(plan_creation=PlanCreation(calendar=False))
    world.account("Muster AG", witt, account_class="key")
    world.night(RULE, START)
    world.night(RULE, date(2026, 7, 2))

    assert sent(world) == []

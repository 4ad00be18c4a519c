"""Entries for hand-ins when they are sent: Witt's plan for 2027 is due on Friday 30 October 2026."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update

from kamflow.models.account import Account, Team
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.settings import Delivery
from kamflow.store.engine import write
from notifications import outbox
from notifications.message import Mail, mime
from notifications.prepare import Prepared, Renderers, prepare
from notifications.unsent import Cancelled
from tests.calendar_client import CalendarClient
from tests.world import World

# What is checked and rendered is the same on both databases; the nights before are tried on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

RULE = "plan_creation"
DAY = date(2026, 7, 2)


@pytest.fixture
def world(engine: Engine) -> World:
    made = World(engine)
    made.settings = made.settings.model_copy(update={"delivery": Delivery(mode="live")})
    return made


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt", language="en")


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    account = world.account("Müster AG", witt, account_class="key")
    for day in (date(2026, 7, 1), DAY):
        world.night(RULE, day)
    return account


def change(world: World, table: Any, **values: object) -> None:
    with write(world.engine) as session:
        session.execute(update(table).values(values))


def on(world: World, day: date) -> list[Prepared]:
    """What becomes of the entries in the outbox on the morning of a day."""
    morning = datetime.combine(day, time(9, 0), UTC)
    with write(world.engine) as session:
        batch = outbox.claim(session, "test", morning, timedelta(minutes=5), 50)
    named = [replace(each, mail_id=f"<{each.id}@example.com>") for each in batch if each.kind == "calendar"]
    return prepare(world.engine, named, world.settings, morning, Renderers())


def mails(found: list[Prepared]) -> list[Mail]:
    return [each.outcome for each in found if isinstance(each.outcome, Mail)]


def test_a_hand_in_comes_as_an_entry_that_a_calendar_takes(world: World, muster: Account) -> None:
    [mail] = mails(on(world, DAY))
    client = CalendarClient()
    client.mail(wire(mail, DAY))

    assert mail.subject == "By 30 October: hand in the account plan, Müster AG"
    assert "Friday, 30 October 2026\n  the whole day, without taking time" in mail.text
    [event] = client.events
    assert event["SUMMARY"] == "Hand in the account plan 2027 of Müster AG"
    assert event["DTSTART"].dt == date(2026, 10, 30)
    assert event["ATTENDEE"] == "mailto:witt@example.com"


def test_a_moved_and_a_dropped_hand_in_reach_the_same_event(world: World, muster: Account) -> None:
    client, subjects = CalendarClient(), []
    changes = [
        (date(2026, 7, 3), AccountPlan, {"hand_in_on": date(2026, 10, 23)}),
        (date(2026, 7, 6), Account, {"closed_on": date(2026, 7, 3)}),
    ]
    client.mail(wire(mails(on(world, DAY))[0], DAY))
    for day, table, values in changes:
        change(world, StoredMessage, state="sent")
        change(world, table, **values)
        world.night(RULE, day)
        [mail] = mails(on(world, day))
        client.mail(wire(mail, day))
        subjects.append((mail.subject, len(client.events)))

    assert subjects == [
        ("New date 23 October: hand in the account plan, Müster AG", 1),
        ("Taken back: 23 October, hand-in of the account plan, Müster AG", 0),
    ]
    assert len(client.known) == 1


def wire(mail: Mail, day: date) -> bytes:
    return mime(mail, datetime.combine(day, time(9, 0), UTC))


@pytest.mark.parametrize(
    ("table", "values", "why"),
    [
        (AccountPlan, {"state": "submitted"}, "plan-handed-in"),
        (AccountPlan, {"state": "returned"}, "sent"),
        (Account, {"closed_on": DAY}, "plan-gone"),
        (Team, {"person_id": 99}, "account-elsewhere"),
        (Team, {"until_day": date(2026, 7, 1)}, "account-elsewhere"),
    ],
)
def test_nothing_unsent_is_told_of_a_plan_that_is_no_longer_so(
    world: World, muster: Account, table: Any, values: dict[str, Any], why: str
) -> None:
    if values.get("person_id"):
        values = {"person_id": world.person("Kruse").id}
    change(world, table, **values)
    [found] = on(world, DAY)

    assert (found.outcome.why if isinstance(found.outcome, Cancelled) else "sent") == why


def test_what_takes_back_an_entry_that_never_came_is_not_sent(world: World, muster: Account) -> None:
    change(world, Account, closed_on=DAY)
    world.night(RULE, date(2026, 7, 3))

    causes = [each.outcome.why for each in on(world, date(2026, 7, 3)) if isinstance(each.outcome, Cancelled)]
    assert causes == ["superseded", "never-invited"]


def test_after_its_day_no_entry_is_sent(world: World, muster: Account) -> None:
    [found] = on(world, date(2026, 11, 2))

    assert isinstance(found.outcome, Cancelled)
    assert found.outcome.why == "day-over"

"""Papers and calendar entries when they are sent: what must still be so, and what the mail carries."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy

import icalendar
import pytest
from sqlalchemy import Engine

from kamflow.models.account import Account
from kamflow.models.meeting import MeetingRound
from kamflow.models.person import Person
from kamflow.settings import Delivery, Settings
from kamflow.store.engine import write
from notifications import outbox
from notifications.message import Mail, mime
from notifications.prepare import Prepared, Renderers, prepare
from notifications.unsent import Cancelled
from tests.meeting_rows import change, mark, meeting, messages, talk
from tests.world import World

# What is checked and rendered is the same on both databases; the nights before are tried on both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

M = date(2026, 11, 10)
DRAFT = date(2026, 10, 27)
RULE = "annual_meeting"


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
    return world.account("Müster AG", witt, account_class="key")


@pytest.fixture
def booked(world: World, witt: Person, muster: Account) -> MeetingRound:
    people = (witt, world.place("Knut", muster, 8))
    return talk(world, meeting(world, muster), M, people, fixed_on=date(2026, 8, 10), place="Halle 4, rechts")


def on(world: World, day: date, settings: Settings | None = None) -> dict[str, Prepared]:
    """What becomes of everything in the outbox on the morning of a day, by paper or method."""
    morning = datetime.combine(day, time(9, 0), UTC)
    with write(world.engine) as session:
        batch = outbox.claim(session, "test", morning, timedelta(minutes=5), 50)
    named = [replace(each, mail_id=f"<{each.id}@example.com>") for each in batch]
    found = prepare(world.engine, named, settings or world.settings, morning, Renderers())
    return {str(each.message.facts.get("paper") or each.message.facts["method"]): each for each in found}


def causes(found: Iterable[Prepared]) -> list[str]:
    return [each.outcome.why if isinstance(each.outcome, Cancelled) else "sent" for each in found]


def test_a_draft_names_the_lines_that_can_be_struck(
    world: World, booked: MeetingRound, muster: Account, witt: Person
) -> None:
    row = world.measure(muster, date(2026, 12, 1), witt)
    world.night(RULE, DRAFT)

    mail = on(world, DRAFT)["draft"].outcome

    assert isinstance(mail, Mail)
    assert mail.subject == "Draft briefing for 10 November: Müster AG"
    assert f"Price list (our side): by 1 December\n  Witt\n  [measure.{row.id}]" in mail.text
    assert "Tuesday, 10 November 2026, Halle 4, rechts" in mail.text
    assert "How business went\n  no scorecard is kept yet" in mail.text


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"day": date(2026, 11, 17), "revision": 1, "entry_revision": 1}, "meeting-moved"),
        ({"state": "cancelled"}, "meeting-cancelled"),
        ({"state": "held"}, "meeting-over"),
        ({"day": date(2026, 10, 20)}, "meeting-over"),
        ({}, "sent"),
    ],
)
def test_nothing_unsent_is_told_of_a_meeting_that_is_no_longer_so(
    world: World, booked: MeetingRound, values: dict[str, object], why: str
) -> None:
    world.night(RULE, DRAFT)
    if values:
        change(world, booked, **values)

    assert causes(on(world, DRAFT).values()) == [why, why]


def test_an_invitation_is_a_calendar_entry_with_its_method(
    world: World, booked: MeetingRound, witt: Person
) -> None:
    change(world, booked, starts_at=datetime(2026, 11, 10, 9, 30, tzinfo=UTC))
    world.night(RULE, date(2026, 8, 11))

    mail = on(world, date(2026, 8, 11))["request"].outcome

    assert isinstance(mail, Mail)
    assert "Tuesday, 10 November 2026\n  at 10:30, Halle 4, rechts" in mail.text
    parsed = message_from_bytes(mime(mail, datetime(2026, 8, 11, tzinfo=UTC)), policy=policy.default)
    [part] = [each for each in parsed.walk() if each.get_content_type() == "text/calendar"]
    assert part.get_param("method") == "REQUEST"
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    [event] = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
    assert event["DTSTART"].dt == datetime(2026, 11, 10, 9, 30, tzinfo=UTC)
    assert (event["SUMMARY"], event["LOCATION"]) == ("Annual meeting with Müster AG", "Halle 4, rechts")
    assert event["ATTENDEE"] == "mailto:witt@example.com"


def test_without_a_time_the_entry_is_for_the_day(world: World, booked: MeetingRound) -> None:
    world.night(RULE, date(2026, 8, 11))
    mail = on(world, date(2026, 8, 11))["request"].outcome

    assert isinstance(mail, Mail)
    assert b"DTSTART;VALUE=DATE:20261110" in mail.parts[0].content
    assert "the time is not known yet" in mail.text


def test_where_everything_goes_to_one_address_nothing_enters_its_calendar(
    world: World, booked: MeetingRound
) -> None:
    world.night(RULE, date(2026, 8, 11))
    delivery = Delivery(mode="redirect", redirect_to="test@example.com")
    redirected = world.settings.model_copy(update={"delivery": delivery})
    mail = on(world, date(2026, 8, 11), redirected)["request"].outcome

    assert isinstance(mail, Mail)
    assert [(part.content_type, part.alternative) for part in mail.parts] == [("application/ics", False)]


@pytest.mark.parametrize("state", ["sent", "waiting"])
def test_an_entry_is_taken_back_from_whom_it_reached(world: World, booked: MeetingRound, state: str) -> None:
    world.night(RULE, date(2026, 8, 11))
    mark(world, state)
    change(world, booked, state="cancelled")
    world.night(RULE, date(2026, 8, 11))
    assert [each.facts["method"] for each in messages(world, "calendar")] == ["request", "cancel"]

    found = on(world, date(2026, 8, 11))

    if state == "waiting":
        assert causes(found.values()) == ["meeting-cancelled", "never-invited"]
        return
    mail = found["cancel"].outcome
    assert isinstance(mail, Mail)
    assert mail.subject == "Cancelled, 10 November: annual meeting with Müster AG"
    assert b"METHOD:CANCEL" in mail.parts[0].content
    assert b"SEQUENCE:1" in mail.parts[0].content

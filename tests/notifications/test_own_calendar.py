"""One's own due dates as a calendar: it is Monday, 7 September 2026."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import icalendar
import pytest
from sqlalchemy import Engine, update

from kamflow.models.account import Account
from kamflow.models.meeting import MeetingRound
from kamflow.models.nudge import StoredNudge
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan
from kamflow.store.engine import read, write
from notifications import own_calendar
from tests.meeting_rows import meeting, talk
from tests.world import STAMP, World

# What is looked up is the same on both databases as for a message; the last test asks both.
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = date(2026, 9, 7)
SENT_BACK = "Müster AG: the account plan came back for revision"
MEASURE = {"measure": 1, "due": "2026-09-01", "side": "ours", "moved": False, "person": None}


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt", language="en")


@pytest.fixture
def muster(world: World, witt: Person) -> Account:
    """A plan in work and a meeting on 10 November, each with what is open about it."""
    account = world.account("Müster AG", witt, account_class="key", meeting_month=11)
    row = meeting(world, account)
    talk(world, row, date(2026, 11, 10), (witt,), fixed_on=date(2026, 8, 10), place="Halle 4, rechts")
    for day in (date(2026, 7, 1), date(2026, 7, 2)):
        world.night("plan_creation", day)
    world.night("annual_meeting", TODAY)
    return account


def content(world: World, person: Person, now: datetime = STAMP) -> bytes:
    with read(world.engine) as session:
        return own_calendar.of(session, person.id or 0, world.settings, now)


def events(world: World, person: Person, now: datetime = STAMP) -> dict[str, Any]:
    """By title."""
    calendar = icalendar.Calendar.from_ical(content(world, person, now))
    return {str(event["SUMMARY"]): event for event in calendar.walk("VEVENT")}


def alter(world: World, table: Any, **values: Any) -> None:
    with write(world.engine) as session:
        session.execute(update(table).values(values))


@sqlite_only
def test_it_is_a_calendar_to_subscribe_to(world: World, witt: Person, muster: Account) -> None:
    raw = content(world, witt)
    calendar = icalendar.Calendar.from_ical(raw)

    assert "METHOD" not in calendar
    assert calendar["X-WR-CALNAME"] == calendar["NAME"] == "kamflow: due dates of Witt"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in raw
    assert calendar["X-WR-TIMEZONE"] == "Europe/Berlin"
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    assert icalendar.Calendar.from_ical(raw).to_ical() == raw


def test_a_hand_in_a_meeting_and_what_is_asked_stand_on_their_days(
    world: World, witt: Person, muster: Account
) -> None:
    found = events(world, witt)
    days = {title: event["DTSTART"].dt for title, event in found.items()}

    assert days.pop("Hand in the account plan 2027 of Müster AG") == date(2026, 10, 13)
    assert days.pop("Annual meeting with Müster AG") == date(2026, 11, 10)
    assert len(days) == 0
    assert found["Annual meeting with Müster AG"]["LOCATION"] == "Halle 4, rechts"


@sqlite_only
def test_a_nudge_is_a_private_day_that_says_what_and_why(world: World, witt: Person, muster: Account) -> None:
    alter(world, AccountPlan, state="returned", decided_at=STAMP)
    world.night("plan_creation", date(2026, 9, 8))
    event = events(world, witt)[SENT_BACK]

    assert (event["TRANSP"], event["CLASS"]) == ("TRANSPARENT", "PRIVATE")
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1)
    assert "due on 13 October 2026\n" in event["DESCRIPTION"]
    assert "Why now: " in event["DESCRIPTION"]
    assert event["LAST-MODIFIED"].dt == datetime(2026, 9, 7, tzinfo=UTC)


@sqlite_only
def test_what_is_overdue_stands_on_today_under_the_same_uid(
    world: World, witt: Person, muster: Account
) -> None:
    alter(world, StoredNudge, rule="measure_followup", step="due", due_on=date(2026, 9, 1), facts=MEASURE)
    late = datetime(2026, 9, 9, 6, tzinfo=UTC)
    uids = set()
    for now in (STAMP, late):
        [event] = [
            each for each in events(world, witt, now).values() if str(each["UID"]).startswith("nudge.")
        ]
        uids.add(str(event["UID"]))
        assert event["DTSTART"].dt == now.date()
        assert "due since 1 September 2026" in event["DESCRIPTION"]

    assert len(uids) == 1


@sqlite_only
def test_a_hand_in_that_is_overdue_is_not_hidden_by_that_of_the_next_year(
    world: World, witt: Person, muster: Account
) -> None:
    this_year = {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31), "author_id": witt.id}
    plan = AccountPlan(
        account_id=muster.id, form="key", state="draft", hand_in_on=date(2026, 3, 2), **this_year
    )
    world.add(plan)
    world.night("plan_creation", date(2026, 9, 8))
    found = events(world, witt, datetime(2026, 9, 8, 9, tzinfo=UTC))

    assert "Hand in the account plan 2027 of Müster AG" in found
    late = found["Müster AG: hand in the account plan"]
    assert late["DTSTART"].dt == date(2026, 9, 8)
    assert "due since 2 March 2026" in late["DESCRIPTION"]


@sqlite_only
def test_two_steps_of_one_plan_are_told_apart(world: World, witt: Person, muster: Account) -> None:
    world.night("plan_creation", date(2026, 9, 30))
    found = events(world, witt, datetime(2026, 9, 30, 9, tzinfo=UTC))
    steps = {title for title, event in found.items() if str(event["UID"]).startswith("nudge.")}

    assert steps == {
        f"Müster AG: write “{step}” in the account plan" for step in ("own position", "measures")
    }


@sqlite_only
@pytest.mark.parametrize(
    ("table", "values"), [(MeetingRound, {"from_calendar": True}), (Account, {"closed_on": TODAY})]
)
def test_meetings_from_a_calendar_and_of_closed_accounts_are_left_out(
    world: World, witt: Person, muster: Account, table: Any, values: dict[str, Any]
) -> None:
    alter(world, table, **values)

    assert "Annual meeting with Müster AG" not in events(world, witt)


@sqlite_only
def test_what_was_put_off_stands_on_the_day_it_comes_back(
    world: World, witt: Person, muster: Account
) -> None:
    alter(world, AccountPlan, state="returned", decided_at=STAMP)
    world.night("plan_creation", date(2026, 9, 8))
    alter(world, StoredNudge, snoozed_until=date(2026, 10, 20))
    event = events(world, witt)[SENT_BACK]

    assert event["DTSTART"].dt == date(2026, 10, 20)
    assert "due on 13 October 2026, quiet until 20 October 2026" in event["DESCRIPTION"]


@sqlite_only
def test_uids_are_those_of_the_invitations(world: World, witt: Person, muster: Account) -> None:
    with read(world.engine) as session:
        known = {session.get_one(row, 1).uid for row in (AccountPlan, MeetingRound)}

    assert None not in known
    assert {str(event["UID"]) for event in events(world, witt).values()} == known


@sqlite_only
def test_the_file_is_the_same_all_day_and_shrinks_with_what_is_gone(
    world: World, witt: Person, muster: Account
) -> None:
    assert content(world, witt) == content(world, witt, STAMP + timedelta(hours=9))

    alter(world, MeetingRound, state="cancelled")
    alter(world, AccountPlan, state="submitted")
    alter(world, StoredNudge, closed_at=STAMP, closed_on=TODAY)
    assert events(world, witt) == {}


@sqlite_only
def test_nobody_has_what_is_open_for_somebody_else(world: World, witt: Person, muster: Account) -> None:
    kruse = world.person("Kruse")

    assert events(world, kruse) == {}
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n" in content(world, kruse)
    assert len(events(world, witt)) == 2

"""What goes out about a meeting when people, rooms and hours change: M is Tuesday 10 November 2026."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import col

from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.models.account import Account, Team
from kamflow.models.meeting import MeetingAttendee, MeetingRound, Request
from kamflow.models.message import StoredMessage
from kamflow.models.person import Department, Person
from kamflow.store import engine as db
from kamflow.store.new_messages import NewMessage, add
from tests.meeting_rows import attend, change, mark, meeting, messages, talk
from tests.store.test_meeting_year import M, night, papers
from tests.world import STAMP, World

# What is asked of the database in another way than elsewhere is tried on both.
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt")


@pytest.fixture
def kruse(world: World) -> Person:
    return world.person("Kruse", "sponsor")


@pytest.fixture
def muster(world: World, witt: Person, kruse: Person) -> Account:
    account = world.account("Muster AG", witt, account_class="key")
    world.add(Team(person_id=kruse.id, account_id=account.id, role="sponsor"))
    return account


@pytest.fixture
def booked(world: World, muster: Account, witt: Person) -> MeetingRound:
    people = (witt, world.place("Knut", muster, 5))
    return talk(world, meeting(world, muster), M, people, fixed_on=date(2026, 8, 10))


def take_off(world: World, person: Person) -> None:
    with db.write(world.engine) as session:
        session.execute(delete(MeetingAttendee).where(col(MeetingAttendee.person_id) == person.id))


def act(world: World, actor: Person, call: Any, *args: Any, day: date, **more: Any) -> Any:
    with db.write(world.engine) as session:
        at = datetime.combine(day, time(9), UTC)
        return call(Acting(session, actor.id, at, world.settings.company), *args, **more)


@pytest.mark.parametrize("state", ["sent", "waiting"])
def test_who_is_taken_off_and_added_again_is_invited_with_a_number_that_counts_more(
    world: World, booked: MeetingRound, kruse: Person, state: str
) -> None:
    attend(world, booked, kruse)
    assert f"request:{kruse.id}" in night(world, 8, 11)
    mark(world, state)
    take_off(world, kruse)
    assert night(world, 8, 12) == [f"cancel:{kruse.id}"]
    mark(world, state)
    attend(world, booked, kruse)

    assert night(world, 8, 13) == [f"request:{kruse.id}"]
    assert night(world, 8, 14) == []
    sequences = [each.facts["sequence"] for each in papers(world, "calendar") if each.person_id == kruse.id]
    assert sequences == [0, 1, 2]


@sqlite_only
def test_another_room_changes_the_calendar_entries_and_sends_no_paper_again(
    world: World, booked: MeetingRound, muster: Account, witt: Person
) -> None:
    for month, day in ((8, 11), (10, 27), (11, 5)):
        night(world, month, day)
        mark(world, "sent")
    changed = act(world, witt, meetings.move, muster.id, M, where="Raum 2", day=date(2026, 11, 6))

    assert changed.state == "changed"
    assert night(world, 11, 7) == [f"request:{witt.id}"]
    assert night(world, 11, 8) == []


def test_a_briefing_that_went_by_slack_instead_counts_as_sent(
    world: World, booked: MeetingRound, muster: Account, witt: Person, kruse: Person
) -> None:
    night(world, 11, 5)
    with db.write(world.engine) as session:
        for each in messages(world, "document"):
            row = session.get_one(StoredMessage, each.id)
            row.state = "failed"
            more = {"kind": row.kind, "template": row.template, "facts": row.facts, "instead_of": row.id}
            add(
                session,
                NewMessage(key=f"{row.key}:slack", channel="slack", person=row.person_id, **more),
                STAMP,
            )
    mark(world, "sent")
    attend(world, booked, world.place("Paul", muster))

    assert night(world, M.month, M.day) == sorted([f"morning:{witt.id}", f"morning:{kruse.id}"])


@sqlite_only
def test_the_morning_line_comes_an_hour_before_a_meeting_that_begins_early(
    world: World, booked: MeetingRound
) -> None:
    night(world, 11, 5)
    mark(world, "sent")
    begins = datetime(2026, 11, 10, 6, 0, tzinfo=UTC)  # 07:00 in Berlin
    change(world, booked, starts_at=begins)
    night(world, M.month, M.day)
    due = [each.due_at for each in messages(world, "document") if each.facts["paper"] == "morning"]
    assert due == [datetime(2026, 11, 10, 5, 0, tzinfo=UTC)] * 2


@pytest.mark.parametrize("state", ["sent", "waiting"])
def test_a_briefing_released_after_it_went_out_is_sent_once_more_and_says_so(
    world: World, booked: MeetingRound, kruse: Person, state: str
) -> None:
    night(world, 11, 5)
    mark(world, state)
    change(world, booked, released_on=date(2026, 11, 5), released_revision=0)

    if state == "waiting":  # it still goes out as released: there is nothing to take the place of
        assert night(world, 11, 6) == []
        return
    assert night(world, 11, 6) == [f"briefing:{kruse.id}"]
    mark(world, "sent")
    assert night(world, 11, 7) == []
    said = [(page.facts["reviewed"], page.facts["again"]) for page in papers(world, "briefing")]
    assert said == [(False, False), (True, True)]


def test_a_request_rests_while_its_meeting_is_cancelled_and_goes_on_when_it_is_booked_again(
    world: World, booked: MeetingRound, muster: Account
) -> None:
    lead = world.person("Lech", "specialist")
    logistics = world.add(Department(key="log", name="Logistics", lead_id=lead.id))
    asked = {"account_id": muster.id, "department_id": logistics.id, "kind": "prices", "customer_date": M}
    world.add(Request(meeting_id=booked.meeting_id, asked_on=date(2026, 10, 1), **asked))

    def open_ones(day: int) -> int:
        world.night("department_requests", date(2026, 10, day))
        return len([nudge for nudge in world.nudges() if nudge.rule == "department_requests"])

    assert open_ones(13) == 1
    change(world, booked, state="cancelled")
    assert open_ones(14) == 0
    change(world, booked, state="booked")
    assert open_ones(15) == 1

"""The year of one annual meeting, night by night: M is Tuesday 10 November 2026, in Bavaria.

Counted back: a department with 15 wd of lead time is asked on 6 October, the agenda stands from 13 October
on, the draft comes on 27 October, the briefing goes out on 5 November.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from kamflow.models.account import Account, Team
from kamflow.models.contact import Place
from kamflow.models.event import Event
from kamflow.models.meeting import AnnualMeeting, BriefingNote, MeetingRound, Request
from kamflow.models.message import Document
from kamflow.models.person import Department, Person
from kamflow.models.plan import Measure
from kamflow.models.training import CollaborationRule, Complaint
from kamflow.store import engine as db
from kamflow.store import requests_write
from tests.meeting_rows import attend, change, done, mark, meeting, messages, talk
from tests.world import STAMP, World

M = date(2026, 11, 10)
RULE = "annual_meeting"
# The tests without it run every query on both.
one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


@pytest.fixture
def witt(world: World) -> Person:
    return world.person("Witt")


@pytest.fixture
def kruse(world: World) -> Person:
    """The sponsor, with an assistant."""
    assistant = world.person("Sommer", "assistant")
    return world.person("Kruse", "sponsor", assistant_id=assistant.id)


@pytest.fixture
def muster(world: World, witt: Person, kruse: Person) -> Account:
    account = world.account("Muster AG", witt, account_class="key", meeting_month=11)
    world.add(Team(person_id=kruse.id, account_id=account.id, role="sponsor"))
    return account


@pytest.fixture
def knut(world: World, muster: Account) -> Place:
    return world.place("Knut", muster, 5)


@pytest.fixture
def held(world: World, muster: Account) -> AnnualMeeting:
    return meeting(world, muster)


@pytest.fixture
def booked(world: World, held: AnnualMeeting, witt: Person, knut: Place) -> MeetingRound:
    return talk(world, held, M, (witt, knut), fixed_on=date(2026, 8, 10))


def night(world: World, month: int, day: int, year: int = 2026) -> list[str]:
    """What a night wrote: effects that are new, as `step:person`, else `step`."""
    before = {each.id for each in world.effects()}
    world.night(RULE, date(year, month, day))
    new = [each for each in world.effects() if each.id not in before]
    return sorted(_named(each.facts, each.key) for each in new)


def _named(facts: Any, key: str) -> str:
    step = facts.get("document") or facts.get("method") or facts.get("kind") or key
    return f"{step}:{facts['person']}" if "person" in facts else step


def asked(world: World) -> list[tuple[str, str]]:
    return [(nudge.step, nudge.stage) for nudge in world.nudges()]


def papers(world: World, kind: str) -> list[Document]:
    with db.read(world.engine) as session:
        query = select(Document).where(col(Document.kind) == kind).order_by(col(Document.id))
        return list(session.execute(query).scalars())


def test_a_meeting_is_arranged_asked_for_prepared_and_followed_up(
    world: World, muster: Account, witt: Person, kruse: Person, knut: Place
) -> None:
    logistics = world.add(Department(key="log", name="Logistics"))
    rule = {"department_id": logistics.id, "kind": "delivery_times", "lead_time": 15, "for_meeting": True}
    world.add(CollaborationRule(**rule))

    assert (night(world, 8, 3), asked(world)) == ([], [])
    assert (night(world, 8, 4), asked(world)) == ([], [("arrange", "")])
    row = talk(world, meeting(world, muster), M, (witt, knut), fixed_on=date(2026, 8, 10))
    assert (night(world, 8, 11), asked(world)) == ([f"request:{witt.id}"], [])
    assert night(world, 10, 5) == []
    assert night(world, 10, 6) == ["delivery_times"]
    assert (night(world, 10, 13), asked(world)) == ([], [("agenda", "")])
    done(world, world.nudges()[0].identity, witt, date(2026, 10, 14))
    assert (night(world, 10, 15), asked(world)) == ([], [])
    assert (night(world, 10, 27), asked(world)) == ([f"draft:{witt.id}"], [("release", "")])
    change(world, row, released_on=date(2026, 10, 30), released_revision=0)
    assert (night(world, 10, 31), asked(world)) == ([], [])
    assert night(world, 11, 5) == [f"briefing:{kruse.id}"]
    assert night(world, M.month, M.day) == []
    change(world, row, state="held")
    assert (night(world, 11, 11), asked(world)) == ([], [("minutes", ""), ("follow_up", "")])


def test_a_night_that_runs_again_changes_nothing(world: World, booked: MeetingRound) -> None:
    assert len(night(world, 11, 5)) == 3  # the invitation, the draft and the briefing, all late
    before = [(nudge.identity, nudge.fingerprint) for nudge in world.nudges()]

    outcome = world.night(RULE, date(2026, 11, 5))

    assert (outcome.opened, outcome.updated, outcome.closed, outcome.effects) == (0, 0, 0, 0)
    assert [(nudge.identity, nudge.fingerprint) for nudge in world.nudges()] == before
    assert len(messages(world, "document")) == 3  # the sponsor's assistant has a copy
    assert len(messages(world, "calendar")) == 1


@one_database
def test_a_department_is_asked_once_by_a_request_that_follows_the_meeting(
    world: World, muster: Account, held: AnnualMeeting, booked: MeetingRound
) -> None:
    logistics = world.add(Department(key="log", name="Logistics"))
    lech = world.person("Lech", "specialist", department_id=logistics.id)
    world.add(Team(person_id=lech.id, account_id=muster.id, role="core"))
    rule = {"department_id": logistics.id, "kind": "delivery_times", "lead_time": 15, "for_meeting": True}
    world.add(CollaborationRule(**rule))
    for day in (6, 7, 8):
        night(world, 10, day)
    change(world, booked, day=date(2026, 11, 17), revision=1, moved_from=M, fixed_on=date(2026, 10, 8))
    with db.write(world.engine) as session:
        requests_write.follow_meeting(session, held.id, STAMP)
    night(world, 10, 13)

    with db.read(world.engine) as session:
        [request] = session.execute(select(Request)).scalars()
        [told] = session.execute(select(Event).where(col(Event.name) == "request.asked")).scalars()
    assert (request.meeting_id, request.department_id, request.specialist_id) == (
        held.id, logistics.id, lech.id,
    )  # fmt: skip
    assert (request.asked_on, request.customer_date, request.version) == (
        date(2026, 10, 6), date(2026, 11, 17), 2,
    )  # fmt: skip
    assert told.payload["request"] == request.id


def test_a_meeting_moved_nearer_is_planned_anew_and_says_so_once(
    world: World, booked: MeetingRound, witt: Person, kruse: Person
) -> None:
    night(world, 8, 11)
    moved = {"moved_from": M, "fixed_on": date(2026, 10, 12), "revision": 1, "entry_revision": 1}
    change(world, booked, day=date(2026, 10, 20), **moved)

    # Ten wd before is 6 October, three are 15 October
    assert night(world, 10, 13) == [f"draft:{witt.id}", f"replanned:{witt.id}", f"request:{witt.id}"]
    assert asked(world) == [("agenda", ""), ("release", "")]
    assert night(world, 10, 14) == []
    assert night(world, 10, 15) == [f"briefing:{kruse.id}"]
    [said] = papers(world, "replanned")
    status = {each["step"]: each["status"] for each in said.facts["dates"]}
    assert status == {"agenda": "due", "draft": "due", "briefing": "moved", "minutes": "moved"}
    assert (said.facts["moved"], said.facts["due"], said.facts["dropped"]) == (2, 2, 0)


@one_database
def test_a_meeting_moved_away_closes_what_is_no_longer_due(
    world: World, booked: MeetingRound, witt: Person
) -> None:
    night(world, 10, 27)
    assert asked(world) == [("agenda", ""), ("release", "")]
    moved = {"moved_from": M, "fixed_on": date(2026, 10, 28), "revision": 1, "entry_revision": 1}
    change(world, booked, day=date(2026, 12, 8), **moved)

    assert night(world, 10, 29) == [f"replanned:{witt.id}", f"request:{witt.id}"]
    assert asked(world) == []
    # The calendar keeps one entry: the same UID, and a number that counts more.
    entries = papers(world, "calendar")
    assert len({each.facts["uid"] for each in entries}) == 1
    assert [(each.revision, each.facts["sequence"]) for each in entries] == [(0, 0), (1, 1)]
    assert night(world, 11, 24) == [f"draft:{witt.id}"]


@one_database
def test_a_meeting_cancelled_on_the_day_takes_the_entries_back(
    world: World, booked: MeetingRound, witt: Person
) -> None:
    night(world, 8, 11)
    mark(world, "sent")
    change(world, booked, state="cancelled")

    assert night(world, M.month, M.day) == [f"cancel:{witt.id}"]
    assert asked(world) == []
    assert night(world, 11, 11) == []
    [_, back] = papers(world, "calendar")
    assert (back.facts["method"], back.facts["sequence"]) == ("cancel", 1)


@one_database
def test_who_never_got_an_entry_gets_none_taken_back(world: World, booked: MeetingRound) -> None:
    night(world, 8, 11)
    mark(world, "cancelled", "calendar")
    change(world, booked, state="cancelled")
    assert night(world, 8, 12) == []


@one_database
def test_an_attendee_who_is_left_out_is_taken_off_the_entry(
    world: World, booked: MeetingRound, witt: Person, kruse: Person
) -> None:
    attend(world, booked, kruse)
    assert night(world, 8, 11) == [f"request:{witt.id}", f"request:{kruse.id}"]
    mark(world, "sent")
    with db.write(world.engine) as session:
        session.get_one(Person, kruse.id).left_on = date(2026, 8, 20)

    assert night(world, 8, 21) == [f"cancel:{kruse.id}"]


@one_database
def test_nobody_is_invited_to_what_came_from_a_calendar(world: World, booked: MeetingRound) -> None:
    change(world, booked, from_calendar=True)
    assert night(world, 8, 11) == []


@one_database
def test_a_negotiation_of_three_rounds_ends_with_its_agreement(
    world: World, muster: Account, witt: Person, knut: Place
) -> None:
    negotiation = meeting(world, muster, kind="negotiation")
    days = (date(2026, 10, 6), date(2026, 10, 20), date(2026, 11, 3))
    rows = [talk(world, negotiation, day, (witt, knut), number=n) for n, day in enumerate(days, 1)]
    minutes: list[list[int]] = []
    for day, row in zip(days, rows, strict=True):
        change(world, row, state="held")
        after = day + timedelta(days=1)
        night(world, after.month, after.day)
        open_ones = [nudge for nudge in world.nudges() if nudge.step == "minutes"]
        minutes.append([nudge.facts["round"] for nudge in open_ones])
        for nudge in open_ones:
            done(world, nudge.identity, witt, after)

    assert minutes == [[row.id] for row in rows]
    assert asked(world) == [("minutes", "")]
    with db.write(world.engine) as session:
        session.get_one(AnnualMeeting, negotiation.id).agreed_on = date(2026, 11, 5)
    night(world, 11, 6)
    assert asked(world) == [("follow_up", "")]


@one_database
@pytest.mark.parametrize("released", [True, False])
def test_a_briefing_says_whether_it_was_reviewed(
    world: World, booked: MeetingRound, kruse: Person, released: bool
) -> None:
    if released:
        change(world, booked, released_on=date(2026, 10, 30), released_revision=0)
    night(world, 11, 5)

    [page] = papers(world, "briefing")
    assert (page.person_id, page.round_id, page.revision) == (kruse.id, booked.id, 0)
    assert page.facts["reviewed"] is released
    main, copy = (each for each in messages(world, "document") if each.facts["paper"] == "briefing")
    assert (main.person_id, copy.person_id) == (kruse.id, kruse.assistant_id)
    assert (main.facts.get("for_person"), copy.facts["for_person"]) == (None, kruse.id)


@one_database
def test_what_the_kam_struck_is_left_out_and_points_are_added(
    world: World, muster: Account, booked: MeetingRound, witt: Person, knut: Place
) -> None:
    kept, struck = (world.measure(muster, date(2026, 12, day), witt) for day in (1, 2))
    notes = {"strike": f"measure.{struck.id}", "correct": f"contact.{knut.contact_id}", "avoid": None}
    for kind, line in notes.items():
        note = {"round_id": booked.id, "noted_on": date(2026, 10, 28), "text": "Words"}
        world.add(BriefingNote(kind=kind, line=line, **note))
    night(world, 10, 27)
    night(world, 11, 5)

    draft, page = papers(world, "draft")[0].facts, papers(world, "briefing")[0].facts
    assert [line["measure"] for line in draft["measures"]] == [kept.id, struck.id]
    assert ([line["measure"] for line in page["measures"]], len(page["left_out"])) == ([kept.id], 1)
    assert page["meets"][0]["note"] is not None
    assert {kind: len(said) for kind, said in page["points"].items()} == {"raise": 0, "ask": 0, "avoid": 1}
    assert "Words" not in str(page)


@one_database
def test_a_briefing_holds_what_is_known_with_its_date_and_nothing_else(
    world: World, muster: Account, booked: MeetingRound, witt: Person, knut: Place
) -> None:
    world.meet(date(2026, 9, 3), witt, knut)
    world.meet(date(2026, 11, 2), witt, knut, "booked")
    opened = {"account_id": muster.id, "subject": "Wrong alloy"}
    world.add(Complaint(opened_on=date(2026, 9, 1), **opened))
    world.add(Complaint(opened_on=date(2026, 9, 1), closed_on=date(2026, 9, 9), **opened))
    night(world, 11, 5)

    page = papers(world, "briefing")[0].facts
    assert page["meets"][0]["influence"] == 5
    last = page["meets"][0]["last"]
    assert (last["day"], last["person"]) == ("2026-09-03", witt.id)
    assert [line["opened"] for line in page["complaints"]] == ["2026-09-01"]
    assert (page["scorecard"], page["figures"], page["services"], page["questions"]) == (None, [], [], [])
    assert "alloy" not in str(page)


@one_database
def test_the_morning_tells_only_who_has_a_briefing_and_only_what_changed(
    world: World, muster: Account, booked: MeetingRound, witt: Person, kruse: Person
) -> None:
    night(world, 11, 5)
    mark(world, "sent")
    assert night(world, 11, 9) == []
    attend(world, booked, world.place("Paul", muster))
    change(world, booked, starts_at=datetime(2026, 11, 10, 9, 30, tzinfo=UTC))

    assert night(world, M.month, M.day) == sorted([f"morning:{witt.id}", f"morning:{kruse.id}"])
    said = papers(world, "morning")[0].facts["changes"]
    assert [each["kind"] for each in said] == ["time", "attendee"]
    assert night(world, M.month, M.day) == []


@one_database
def test_a_measure_that_was_struck_is_no_change_on_the_morning(
    world: World, muster: Account, booked: MeetingRound, witt: Person
) -> None:
    row: Measure = world.measure(muster, date(2026, 12, 1), witt)
    night(world, 11, 5)
    mark(world, "sent")
    note = {"round_id": booked.id, "kind": "strike", "noted_on": date(2026, 11, 6)}
    world.add(BriefingNote(line=f"measure.{row.id}", **note))
    assert night(world, M.month, M.day) == []

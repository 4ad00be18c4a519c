"""What an import changes about annual meetings counts as if a person had changed it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from kamflow.acts import meeting as meetings
from kamflow.acts.acting import Acting
from kamflow.models.account import Account, Team
from kamflow.models.contact import Contact, Place
from kamflow.models.event import Event
from kamflow.models.interaction import Interaction
from kamflow.models.meeting import AnnualMeeting, MeetingRound, Request
from kamflow.models.person import Person
from kamflow.policy import Policy
from kamflow.rules.annual_meeting import RULE, silent
from kamflow.settings import Company
from kamflow.store.engine import read, write
from kamflow.store.meetings import facts
from kamflow.store.run import Run
from tests.acts.world import Act
from tests.intake.bringing import NOW, bring, counts, put, rows

TODAY = date(2026, 9, 7)


@pytest.fixture
def told(engine: Engine, tmp_path: Path) -> Act:
    """`told(day="10.11.2026")` imports one round of Muster AG; `later` days after the first time."""
    put(engine, Person(id=1, key="w", name="Witt"), Account(id=1, key="M", name="Muster"))
    put(engine, Contact(id=1, key="p", last_name="Paul"))
    put(engine, Place(id=1, contact_id=1, account_id=1))

    def call(day: str = "10.11.2026", place: str = "Köln", later: int = 0) -> tuple[int, int, int, int]:
        text = f"account;year;round;day;place;people;contacts\nM;2026;1;{day};{place};w;p\n"
        (tmp_path / "meetings.csv").write_text(text, encoding="utf-8")
        return counts(bring(engine, tmp_path, preset="kamflow", now=NOW + timedelta(days=later)), "meetings")

    return call


def test_a_new_round_is_fixed_today_and_booked_for_who_attends(engine: Engine, told: Act) -> None:
    assert told() == (1, 0, 0, 0)
    [row], [met] = rows(engine, MeetingRound), rows(engine, Interaction)
    assert (row.fixed_on, row.moved_from, row.revision) == (TODAY, None, 0)
    assert (met.day, met.state) == (date(2026, 11, 10), "booked")


def test_the_same_file_again_changes_nothing(engine: Engine, told: Act) -> None:
    told()
    events = len(rows(engine, Event))
    assert told(later=1) == (0, 0, 1, 0)
    [row] = rows(engine, MeetingRound)
    assert (row.fixed_on, row.revision, len(rows(engine, Interaction))) == (TODAY, 0, 1)
    assert [event.name for event in rows(engine, Event)[events:]] == ["file.imported"]


def test_another_date_is_a_move_and_all_follows(engine: Engine, told: Act) -> None:
    told()
    asked = {"account_id": 1, "meeting_id": rows(engine, AnnualMeeting)[0].id, "kind": "prices"}
    put(engine, Request(customer_date=date(2026, 11, 10), **asked))

    assert told("17.11.2026", later=1) == (0, 1, 0, 0)
    assert told("24.11.2026", later=1) == (0, 1, 0, 0)

    [row], [request] = rows(engine, MeetingRound), rows(engine, Request)
    assert (row.day, row.revision, row.moved_from) == (date(2026, 11, 24), 2, date(2026, 11, 10))
    assert (row.fixed_on, request.customer_date) == (TODAY + timedelta(days=1), date(2026, 11, 24))
    assert [(met.day.day, met.state) for met in rows(engine, Interaction)] == [
        (10, "cancelled"),
        (17, "cancelled"),
        (24, "booked"),
    ]
    moved = [event.payload for event in rows(engine, Event) if event.name == "meeting.moved"]
    assert [(each["was"], each["day"]) for each in moved] == [
        ("2026-11-10", "2026-11-17"),
        ("2026-11-17", "2026-11-24"),
    ]


def test_another_place_changes_calendars_but_no_date(engine: Engine, told: Act) -> None:
    told()
    assert told(place="Bonn", later=1) == (0, 1, 0, 0)
    [row] = rows(engine, MeetingRound)
    assert (row.revision, row.entry_revision) == (0, 1)
    assert (row.moved_from, row.fixed_on) == (None, TODAY)


def test_a_planned_month_counts_from_the_day_on_which_it_was_new(engine: Engine, tmp_path: Path) -> None:
    for later, month in ((0, 11), (1, 11), (2, 10)):
        (tmp_path / "accounts.csv").write_text(f"key;name;meeting_month\nM;Muster;{month}\n")
        bring(engine, tmp_path, preset="kamflow", now=NOW + timedelta(days=later))
        [row] = rows(engine, Account)
        expected = TODAY + timedelta(days=2 if month == 10 else 0)
        assert (row.meeting_month, row.meeting_month_on) == (month, expected)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_moves_a_meeting_during_an_import_waits_for_it(engine: Engine, told: Act, tmp_path: Path) -> None:
    told()
    (tmp_path / "meetings.csv").write_text("account;year;round;day\nM;2026;1;17.11.2026\n")

    def move(wait: str) -> None:
        with write(engine) as session:
            session.execute(text(f"SET LOCAL lock_timeout = '{wait}'"))
            meetings.move(Acting(session, None, NOW, Company()), 1, date(2026, 11, 24))

    def meanwhile(*_: object) -> None:
        with pytest.raises(OperationalError, match=r"lock timeout.*\n.*shared"):
            move("100ms")  # before it holds anything for which the import could wait

    bring(engine, tmp_path, preset="kamflow", progress=meanwhile)
    move("10s")
    [row] = rows(engine, MeetingRound)
    assert (row.day, row.revision, row.moved_from) == (date(2026, 11, 24), 2, date(2026, 11, 10))


def test_of_imported_history_nothing_is_asked(sqlite_engine: Engine, tmp_path: Path) -> None:
    put(sqlite_engine, Person(id=1, key="w", name="Witt"), Account(id=1, key="M", name="Muster"))
    put(sqlite_engine, Team(person_id=1, account_id=1, role="kam"))
    table = tmp_path / "meetings.csv"
    table.write_text("account;year;day\nM;2025;10.03.2025\nM;2026;10.03.2026\n")
    bring(sqlite_engine, table, preset="kamflow")
    with read(sqlite_engine) as session:
        found = list(facts(Run(session, RULE, TODAY, NOW, Policy(), Company()), frozenset({1})))
    silences = [(each.figures["step"], each.reason) for each in silent(found, TODAY, Policy())]
    asked = [each for each in silences if each[0] in ("minutes", "follow_up")]
    assert asked == [("minutes", "known_later"), ("follow_up", "known_later")] * 2
    # What was known before, and is corrected afterwards, is none.
    table.write_text("account;year;day\nM;2027;15.09.2026\n")
    bring(sqlite_engine, table, preset="kamflow")
    table.write_text("account;year;day\nM;2027;14.09.2026\n")
    bring(sqlite_engine, table, preset="kamflow", now=NOW + timedelta(days=9))
    assert [each.fixed_on for each in rows(sqlite_engine, MeetingRound)] == [TODAY] * 3

"""Calendars: contacts of known people count, everything else leaves only a number."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from kamflow.errors import Refused
from kamflow.intake.report import ImportReport
from kamflow.models.account import Account, ExternalReference
from kamflow.models.contact import Contact, Place
from kamflow.models.interaction import Encounter, Interaction
from kamflow.models.person import Person
from tests.intake.bringing import bring, counts, put, rows

PEOPLE = "ORGANIZER:mailto:kruse@example.com\nATTENDEE;PARTSTAT=ACCEPTED:mailto:Knut@Example.de\n"
LECH = "ATTENDEE;PARTSTAT=DECLINED:mailto:lech@example.com\n"


@pytest.fixture
def known(engine: Engine) -> Engine:
    put(
        engine,
        Person(id=1, key="kruse", name="Kruse", email="kruse@example.com"),
        Person(id=2, key="lech", name="Lech", email="lech@example.com"),
        Account(id=1, key="M", name="Muster"),
        Contact(id=1, key="knut", last_name="Knut", email="knut@example.de"),
        Contact(id=2, key="paul", last_name="Paul", email="paul@example.de"),
    )
    put(engine, Place(contact_id=1, account_id=1), Place(contact_id=2, account_id=1))
    return engine


def event(day: str = "20260312T090000Z", people: str = PEOPLE, uid: str = "u1", more: str = "") -> str:
    return (
        f"BEGIN:VEVENT\nUID:{uid}\nDTSTART:{day}\nDURATION:PT90M\nSUMMARY:Geheimprojekt\n"
        f"LOCATION:Zimmer 7\n{people}{more}END:VEVENT\n"
    )


def take(engine: Engine, path: Path, *events: str, method: str = "") -> ImportReport:
    path.write_text(f"BEGIN:VCALENDAR\n{method}{''.join(events)}END:VCALENDAR\n", encoding="utf-8")
    return bring(engine, path, preset="calendar")


def test_a_meeting_counts_for_those_who_were_there(known: Engine, tmp_path: Path):
    report = take(known, tmp_path / "a.ics", event(people=PEOPLE + LECH))
    assert report.receipts == ["counted: Kruse x Knut, 12 March 2026; not counted: Lech, declined"]
    (meeting,) = rows(known, Interaction)
    assert (meeting.day, meeting.minutes) == (date(2026, 3, 12), 90)
    assert (meeting.state, meeting.account_id) == ("held", 1)
    assert [(each.person_id, each.contact_id) for each in rows(known, Encounter)] == [(1, 1)]
    assert take(known, tmp_path / "a.ics", event(people=PEOPLE + LECH)).changes == 0


def test_private_and_unrelated_events_leave_only_numbers(known: Engine, tmp_path: Path):
    report = take(
        known,
        tmp_path / "a.ics",
        event(uid="p", more="CLASS:PRIVATE\n"),
        event(uid="c", people="", more=f"CLASS:CONFIDENTIAL\n{PEOPLE}"),
        event(uid="x", more="CLASS;X=1:X-SECRET\n"),
        event(uid="d", people="ORGANIZER:mailto:arzt@example.com\nATTENDEE:mailto:kruse@example.com\n"),
    )
    assert report.notes == ["private, unread: 3", "without a known contact: 1"]
    assert rows(known, Interaction) == rows(known, ExternalReference) == report.receipts == []


def test_nothing_but_the_kept_properties_reaches_the_database(known: Engine, tmp_path: Path):
    take(known, tmp_path / "a.ics", event(), event(uid="zahnarzt", people=""))
    with known.connect() as connection:
        for table in ("interaction", "event", "imported_file", "external_reference", "source"):
            dumped = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert not {word for word in ("Geheim", "Zimmer", "zahnarzt", "@") if word in dumped}


def test_a_moved_meeting_moves_and_an_old_version_does_not_bring_it_back(known: Engine, tmp_path: Path):
    take(known, tmp_path / "a.ics", event("20261012T090000Z", more="SEQUENCE:1\n"))
    moved = take(known, tmp_path / "a.ics", event("20261013T090000Z", more="SEQUENCE:2\n"))
    assert counts(moved, "interactions") == (0, 1, 0, 0)
    late = take(known, tmp_path / "a.ics", event("20261012T090000Z", more="SEQUENCE:1\n"))
    assert (late.changes, late.notes) == (0, ["older than what is known: 1"])
    (meeting,) = rows(known, Interaction)
    assert (meeting.day.day, meeting.state, meeting.sequence) == (13, "booked", 2)


@pytest.mark.parametrize(("more", "method"), [("STATUS:CANCELLED\n", ""), ("", "METHOD:CANCEL\n")])
def test_a_cancelled_meeting_is_cancelled(known: Engine, tmp_path: Path, more: str, method: str):
    take(known, tmp_path / "a.ics", event("20261012T090000Z"))
    take(known, tmp_path / "a.ics", event("20261012T090000Z", more=f"SEQUENCE:1\n{more}"), method=method)
    assert [each.state for each in rows(known, Interaction)] == ["cancelled"]


def test_repeats_are_spelled_out_within_the_window(known: Engine, tmp_path: Path):
    rule = "RRULE:FREQ=WEEKLY\nEXDATE:20260914T090000Z\n"
    weekly = event("20260831T090000Z", more=rule)
    moved = event("20260922T100000Z", more="RECURRENCE-ID:20260921T090000Z\n")
    report = take(known, tmp_path / "a.ics", weekly, moved)
    days = sorted(each.day for each in rows(known, Interaction))
    assert days[:4] == [date(2026, 8, 31), date(2026, 9, 7), date(2026, 9, 22), date(2026, 9, 28)]
    assert days[-1] <= date(2027, 10, 12)
    assert counts(report, "interactions")[0] == len(days) == 58
    assert take(known, tmp_path / "a.ics", weekly, moved).changes == 0


def test_repeats_that_a_series_no_longer_has_are_cancelled(known: Engine, tmp_path: Path):
    take(known, tmp_path / "a.ics", event("20260831T090000Z", more="RRULE:FREQ=WEEKLY;COUNT=4\n"))
    take(known, tmp_path / "a.ics", event("20260831T090000Z", more="RRULE:FREQ=WEEKLY;COUNT=2\nSEQUENCE:1\n"))
    states = sorted(each.state for each in rows(known, Interaction))
    assert states == ["cancelled", "cancelled", "held", "held"]


@pytest.mark.parametrize(
    "more",
    [
        "RRULE:FREQ=SECONDLY\n",
        "RRULE:FREQ=WEEKLY;INTERVAL=99999999999999999999\n",
        "DTSTART:nonsense\n",
        "RRULE:FREQ=NEVER\n",
        "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\n",
        "RRULE:FREQ=DAILY;UNTIL=99991231T000000Z\n",
        "EXDATE;TZID=Nowhere/Land:20260101T000000\n",
        "SEQUENCE:9999999999999999999999\nSTATUS:\0\n",
    ],
)
def test_an_absurd_event_is_read_or_comes_back(known: Engine, tmp_path: Path, more: str):
    report = take(known, tmp_path / "a.ics", event("19000101T090000Z", more=more))
    assert report.rejected or rows(known, Interaction) or report.notes or report.changes == 0
    for record in report.rejects:
        assert (record.row.line, bool(record.problems[0].expected)) == (2, True)


def test_each_calendar_of_the_suite_is_read_or_refused(
    sqlite_engine: Engine, shared_data: Callable[[str], Path]
):
    files = sorted(shared_data("ics_icalendar_suite").rglob("*.ics"))
    assert len(files) == 163
    together = bring(sqlite_engine, shared_data("ics_icalendar_suite"), preset="calendar")
    assert len(together.files) == 163
    for record in together.rejects:
        assert record.row.line >= 1
        assert record.problems[0].expected
    refused = [path.name for path in files if _refused(sqlite_engine, path)]
    assert refused == ["fuzz_testcase_0_char_in_component_name.ics", "fuzz_testcase_invalid_month.ics"]


def _refused(engine: Engine, path: Path) -> bool:
    try:
        bring(engine, path, preset="calendar", dry_run=True)
    except Refused as error:
        said = str(error)
    else:
        return False
    return path.name in said and ", line " in said


def test_every_event_of_the_suite_can_concern_us(engine: Engine, shared_data: Callable[[str], Path]):
    """All addresses in the files are known, so every event with both sides is read in full."""
    address = re.compile(r"mailto:([^\s;,\"<>]+)")
    contents = [
        path.read_text(errors="replace") for path in shared_data("ics_icalendar_suite").rglob("*.ics")
    ]
    found = {each.casefold() for content in contents for each in address.findall(content)}
    people = [Person(key=each, name=each, email=each) for each in found]
    put(engine, *people, *(Contact(key=each, last_name=each, email=each) for each in found))
    report = bring(engine, shared_data("ics_icalendar_suite"), preset="calendar")
    assert report.counts["interactions"]["new"] >= 4
    assert bring(engine, shared_data("ics_icalendar_suite"), preset="calendar").changes == 0

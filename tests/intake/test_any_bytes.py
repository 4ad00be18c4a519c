"""Whatever a file holds: it is read or refused, never a traceback."""

from contextlib import suppress
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from kamflow.errors import Refused
from kamflow.intake.calendars import events
from kamflow.intake.calendars.events import Broken, Window
from kamflow.intake.calendars.scanning import scan
from kamflow.intake.readers import tables
from kamflow.intake.recognise import draft, recognise

WINDOW = Window(date(2025, 9, 1), date(2027, 9, 1), ZoneInfo("Europe/Berlin"))
quickly = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
LINES = some.sampled_from(
    [
        "BEGIN:VCALENDAR",
        "END:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "BEGIN:VTIMEZONE",
        "END:VTIMEZONE",
        "TZID:X",
        "DTSTART;TZID=X:20260312T090000",
        "DTSTART:20260312",
        "DTEND:20260311",
        "DURATION:-PT5M",
        "UID:",
        "CLASS:X",
        "RRULE:FREQ=MONTHLY;BYDAY=5FR",
        "RRULE:FREQ=YEARLY;BYWEEKNO=53",
        "RDATE:20260101T000000Z/PT1H",
        "EXDATE:x",
        'ATTENDEE;CN="a;b":mailto:a@example.com',
        "ORGANIZER:MAILTO:b@example.com",
        "RECURRENCE-ID:20260312",
        " folded",
        "SEQUENCE:-1",
        "STATUS:",
        ":",
        "\0",
        "RRULE:FREQ=WEEKLY;UNTIL=20261301",
    ]
)


@quickly
@pytest.mark.parametrize("suffix", [".csv", ".json", ".xlsx", ".txt"])
@given(content=some.binary(max_size=200) | some.text('a;,"\n\t{}[]:1', max_size=80).map(str.encode))
def test_any_file_is_read_or_refused(tmp_path: Path, suffix: str, content: bytes):
    path = tmp_path / f"any{suffix}"
    path.write_bytes(content)
    with suppress(Refused):
        found = tables.read(path)
        assert all(len(row.cells) == len(each.columns) or row.flaw for each in found for row in each.rows)
        assert draft(recognise(path))


@quickly
@given(some.lists(LINES | some.text(max_size=15), max_size=25).map("\n".join))
def test_any_calendar_is_read_or_broken(tmp_path: Path, content: str):
    path = tmp_path / "any.ics"
    path.write_text("BEGIN:VEVENT\nDTSTART:20260312T090000Z\n" + content, encoding="utf-8", errors="replace")
    found = scan(path)
    for raw in found.events:
        with suppress(Broken):
            assert all(each.uid for each in events.occurrences(events.parse(raw, found), WINDOW))

"""Calendar entries by RFC 5545, 5546 and 6047, read back by `icalendar`."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from kamflow.store.names import AccountName, Names
from notifications.message import Mailbox
from notifications.parts import CONTROL, REPLACEMENT
from notifications.render import ics
from notifications.render.literal import clean, clip
from tests import shared_data
from tests.calendar_client import CalendarClient

STAMP = datetime(2026, 8, 11, 6, 30, tzinfo=UTC)
BEGINS = datetime(2026, 11, 10, 9, 30, tzinfo=UTC)
PARTIES = ics.Parties(
    Mailbox("kamflow", "kamflow@example.com"), Mailbox("", "witt@example.com"), "Witt, Jürgen"
)
BERLIN = ZoneInfo("Europe/Berlin")


def names(text: str = "Müster AG", place: str = "Halle 4; rechts, oben") -> Names:
    return Names(accounts={1: AccountName(text, "m")}, places={1: place})


def facts(method: str = "request", **more: Any) -> dict[str, Any]:
    said = {"account": 1, "person": 2, "round": 1, "day": "2026-11-10", "uid": "u1@example.com"}
    return said | {"method": method, "sequence": 0} | more


def entry(
    method: str = "request",
    begins: datetime | None = BEGINS,
    known: Names | None = None,
    language: str = "en",
    **more: Any,
) -> bytes:
    stamp = STAMP + timedelta(days=more.get("sequence", 0))
    return ics.entry(facts(method, **more), begins, PARTIES, language, known or names(), stamp)


def hand_in(method: str = "request", known: Names | None = None, **more: Any) -> bytes:
    year = {"first": "2027-01-01", "last": "2027-12-31"}
    said = facts(method, plan=3, year=year, day="2026-10-30", **more)
    return ics.entry(said, None, PARTIES, "de", known or names(), STAMP, "hand_in_entry")


def read(content: bytes) -> Any:
    [event] = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event


def test_an_invitation_says_what_when_where_and_for_whom() -> None:
    event = read(entry())

    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == ("u1@example.com", 0, "CONFIRMED")
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (BEGINS, BEGINS + timedelta(hours=1))
    assert (event["DTSTAMP"].dt, event["LAST-MODIFIED"].dt) == (STAMP, STAMP)
    assert event["SUMMARY"] == "Annual meeting with Müster AG"
    assert event["LOCATION"] == "Halle 4; rechts, oben"
    assert event["SUMMARY"].params["LANGUAGE"] == "en-GB"
    assert "The end is not known: one hour is kept free." in event["DESCRIPTION"]
    assert (event["TRANSP"], event["X-MICROSOFT-CDO-BUSYSTATUS"]) == ("OPAQUE", "BUSY")


def test_who_invites_and_who_is_invited_have_their_parameters() -> None:
    event = read(entry())

    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == ("mailto:kamflow@example.com", "kamflow")
    assert event["ATTENDEE"] == "mailto:witt@example.com"
    assert dict(event["ATTENDEE"].params) == {
        "CN": "Witt, Jürgen",
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "FALSE",
    }


@pytest.mark.parametrize("content", [entry(), entry("cancel"), hand_in()])
def test_lines_end_in_crlf_and_are_folded_at_75_octets(content: bytes) -> None:
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert b'CN="Witt, J\xc3\xbcrgen"' in content.replace(b"\r\n ", b"")


def test_what_is_read_back_and_written_again_is_the_same() -> None:
    for content in (entry(), entry("cancel"), entry(begins=None), hand_in(), hand_in("cancel")):
        assert icalendar.Calendar.from_ical(content).to_ical() == content


def test_without_a_time_the_whole_day_is_kept_tentatively() -> None:
    content = entry(begins=None)
    event = read(content)

    assert b"DTSTART;VALUE=DATE:20261110\r\nDTEND;VALUE=DATE:20261111\r\n" in content
    assert (event["TRANSP"], event["X-MICROSOFT-CDO-BUSYSTATUS"]) == ("OPAQUE", "TENTATIVE")
    assert "The time is not known yet" in event["DESCRIPTION"]


def test_a_hand_in_is_a_day_that_takes_no_time_and_is_nobody_elses_business() -> None:
    content = hand_in()
    event = read(content)

    assert event["SUMMARY"] == "Accountplan 2027 einreichen: Müster AG"
    assert b"DTSTART;VALUE=DATE:20261030\r\nDTEND;VALUE=DATE:20261031\r\n" in content
    assert (event["TRANSP"], event["CLASS"]) == ("TRANSPARENT", "PRIVATE")
    assert event["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE"
    assert "LOCATION" not in event


def test_without_a_place_there_is_none() -> None:
    event = read(entry(known=Names(accounts={1: AccountName("M", "m")})))

    assert "LOCATION" not in event
    assert "The place is not known yet." in event["DESCRIPTION"]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28)])
def test_the_hour_is_right_on_the_days_the_clocks_change(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, 9, 30, tzinfo=BERLIN)
    event = read(entry(begins=begins, day=day.isoformat()))

    assert event["DTSTART"].dt.astimezone(BERLIN) == begins
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=1)
    assert read(entry(begins=None, day=day.isoformat()))["DTEND"].dt == day + timedelta(days=1)


MOVED = BEGINS + timedelta(days=7)
STEPS = [
    entry(),
    entry(begins=MOVED, day="2026-11-17", sequence=1),
    entry("cancel", begins=MOVED, day="2026-11-17", sequence=2),
]


def test_request_update_and_cancel_leave_one_event_and_then_none() -> None:
    client = CalendarClient()
    seen = []
    for step in STEPS:
        client.take(step)
        seen.append([event["DTSTART"].dt for event in client.events])

    assert seen == [[BEGINS], [MOVED], []]


@pytest.mark.parametrize(
    ("order", "left"),
    [
        ([0, 1, 1], [MOVED]),
        ([1, 0], [MOVED]),
        ([2, 0, 1], []),
        ([0, 2, 1], []),
        ([1, 2, 1, 0], []),
    ],
)
def test_whatever_comes_late_or_twice_the_newest_counts(order: list[int], left: list[datetime]) -> None:
    client = CalendarClient()
    for number in order:
        client.take(STEPS[number])

    assert [event["DTSTART"].dt for event in client.events] == left


def test_an_address_with_other_characters_stays_one_address() -> None:
    odd = PARTIES._replace(attendee=Mailbox("", '"a b?c%d"@example.com'))
    event = read(ics.entry(facts(), BEGINS, odd, "en", names(), STAMP))

    assert event["ATTENDEE"] == "mailto:%22a%20b%3Fc%25d%22@example.com"


# One part of ten each time, the others when slow.
PARTS = [pytest.param(n, marks=pytest.mark.slow) if n else n for n in range(10)]


def naughty() -> list[str]:
    path = shared_data.path("nasty_blns") / "blns.json"
    # A mark of byte order alone shows nothing, and a reader drops it.
    found = json.loads(path.read_text(encoding="utf-8"))
    return [text for text in found if clean(text).strip(" \ufeff")]


def shape(event: Any) -> list[tuple[str, tuple[str, ...]]]:
    items = event.property_items()
    return [(name, tuple(value.params)) for name, value in items if name not in ("BEGIN", "END")]


@pytest.mark.parametrize("part", PARTS)
def test_naughty_strings_are_literal_in_an_entry_and_change_no_structure(part: int) -> None:
    plain = shape(read(entry())), shape(read(hand_in()))
    for text in naughty()[part :: len(PARTS)]:
        known, parties = names(text, text), PARTIES._replace(name=text)
        shown = CONTROL.sub(REPLACEMENT, clean(text)).strip()
        content = ics.entry(facts(), BEGINS, parties, "en", known, STAMP)
        meeting, plan = read(content), read(hand_in(known=known))
        assert (shape(meeting), shape(plan)) == plain, text
        assert meeting["LOCATION"] == clip(shown, 255), text
        assert meeting["SUMMARY"] == clip(f"Annual meeting with {shown}", 255), text
        called = clip(shown, 120).replace('"', "'").replace("\\", "/")
        assert meeting["ATTENDEE"].params["CN"] == called, text
        assert icalendar.Calendar.from_ical(content).to_ical() == content, text

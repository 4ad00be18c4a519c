"""A calendar entry as a mail program takes it: METHOD, UID and SEQUENCE, the day, the place.

What is not known is left out: without a time the entry is for the day, without an end it has none.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from icalendar import Calendar, Event, vCalAddress

from kamflow.store.names import Names
from notifications.message import Mailbox
from notifications.render.draft import Draft
from notifications.render.environment import module
from notifications.render.formats import Formats, locale_of
from notifications.render.reader import Reader

TEMPLATE = "calendar_entry/item.j2"


class Parties(NamedTuple):
    """Who invites, and who is invited."""

    organizer: Mailbox
    attendee: Mailbox
    name: str


def entry(
    facts: Mapping[str, Any],
    starts_at: datetime | None,
    parties: Parties,
    language: str,
    names: Names,
    stamp: datetime,
) -> bytes:
    """An invitation, or what takes one back (`facts.method` is request or cancel)."""
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//kamflow//annual meeting//EN")
    calendar.add("version", "2.0")
    calendar.add("method", facts["method"].upper())
    day = date.fromisoformat(facts["day"])
    event.add("uid", facts["uid"])
    event.add("sequence", facts["sequence"])
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("dtstart", day if starts_at is None else starts_at.astimezone(UTC))
    event.add("summary", _summary(facts, language, names, day))
    if place := names.places.get(facts["round"]):
        event.add("location", place)
    event.add("status", "CANCELLED" if facts["method"] == "cancel" else "CONFIRMED")
    event.add("organizer", _address(parties.organizer, parties.organizer.name), encode=False)
    event.add("attendee", _address(parties.attendee, parties.name), encode=False)
    calendar.add_component(event)
    return calendar.to_ical()


def _summary(facts: Mapping[str, Any], language: str, names: Names, day: date) -> str:
    locale = locale_of(language)
    unknown = str(module(locale[:2], "digest/words.j2").unknown()).strip()
    reader = Reader(names, Formats(locale, day), unknown)
    return " ".join(str(module(locale[:2], TEMPLATE).summary(Draft(reader), facts)).split())


def _address(box: Mailbox, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{box.address}")
    # A quote cannot stand in a parameter, not even escaped.
    if shown := name.replace('"', "'"):
        address.params["CN"] = shown
    return address

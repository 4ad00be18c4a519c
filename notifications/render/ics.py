"""A calendar entry as a mail program takes it: an invitation by RFC 5546, or what takes one back.

A UID is one event for ever, and of two messages about it the higher SEQUENCE counts, whatever the order in
which they come. What is not known is not made up: without a time the entry is for the whole day, which it
keeps tentatively; how long a meeting without an end blocks the calendar says `vevent`. Nobody reads answers
(RSVP=FALSE, and no counter-proposals): who is expected was said in kamflow. What only our own people may read
can stand in it: nobody else is ever invited.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from icalendar import Event

from kamflow.store.names import Names
from notifications.message import Mailbox
from notifications.render import vevent
from notifications.render.draft import Draft
from notifications.render.environment import module
from notifications.render.formats import Formats, locale_of
from notifications.render.reader import Reader

TEMPLATE = "calendar_entry"


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
    template: str = TEMPLATE,
) -> bytes:
    """An invitation (`facts.method` is request) or what takes it back (cancel), lines ending in CRLF."""
    made = event(template, facts, starts_at, language, names, stamp)
    _people(made, parties)
    message = vevent.calendar(facts["method"].upper())
    message.add_component(made)
    return message.to_ical()


def event(
    template: str,
    facts: Mapping[str, Any],
    starts_at: datetime | None,
    language: str,
    names: Names,
    stamp: datetime,
) -> Event:
    """What an invitation is about, without who invites whom."""
    day = date.fromisoformat(facts["day"])
    made = vevent.event(facts["uid"], stamp)
    made.add("sequence", facts["sequence"])
    macros, reader, tag = _told(template, language, names, day)
    # A deadline is a date to work towards, a meeting one to be at.
    own_day = bool(getattr(macros, "deadline", False))
    _when(made, day, starts_at, own_day)
    said = {**facts, "starts_at": starts_at.isoformat() if starts_at else None}
    for name in ("summary", "description", "location"):
        if hasattr(macros, name):
            vevent.say(made, name, str(getattr(macros, name)(Draft(reader), said)), tag)
    made.add("status", "CANCELLED" if facts["method"] == "cancel" else "CONFIRMED")
    if own_day:
        made.add("class", "PRIVATE")  # when who hands in what is nobody else's business
    return made


def _when(made: Event, day: date, starts_at: datetime | None, own_day: bool) -> None:
    if own_day:
        vevent.on_day(made, day, "FREE")
    elif starts_at is None:
        vevent.on_day(made, day, "TENTATIVE")
    else:
        vevent.at(made, starts_at)


def _people(made: Event, parties: Parties) -> None:
    made.add("organizer", vevent.party(parties.organizer, parties.organizer.name), encode=False)
    asked = vevent.party(
        parties.attendee,
        parties.name,
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        PARTSTAT="NEEDS-ACTION",
        RSVP="FALSE",
    )
    made.add("attendee", asked, encode=False)
    made.add("x-microsoft-disallow-counter", "TRUE")


def _told(template: str, language: str, names: Names, day: date) -> tuple[Any, Reader, str]:
    """The template's texts, what they may look up, and the language as a tag."""
    locale = locale_of(language)
    unknown = str(module(language, "digest/words.j2").unknown()).strip()
    reader = Reader(names, Formats(locale, day), unknown)
    return module(language, f"{template}/item.j2"), reader, locale.replace("_", "-")

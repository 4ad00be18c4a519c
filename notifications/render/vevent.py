"""One VEVENT as Outlook, Google and Apple read it by RFC 5545: texts, a whole day, a span of time.

DTEND is always written. Without one RFC 5545 (3.6.1) gives a moment no length, and Exchange imports no event
that has neither DTEND nor DURATION; calendars that do import it free no time, or make an hour of it. So a
meeting whose end nobody knows keeps `HELD_FREE` free, and says in its description that this is not its end.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import quote

from icalendar import Calendar, Component, Event, vCalAddress, vText

from notifications.message import Mailbox
from notifications.parts import CONTROL, REPLACEMENT
from notifications.render.literal import clean, clip

HELD_FREE = timedelta(hours=1)
# Programs cut or refuse longer ones; what is cut stands in the mail.
_TITLE, _PLACE, _NAME, _TEXT = 255, 255, 120, 4000
_TITLES = {"summary": _TITLE, "location": _PLACE}
Busy = Literal["BUSY", "TENTATIVE", "FREE"]
# What may stand in a mailto: address as it is (RFC 6068); an address with more in it is rare, and encoded.
_PLAIN = "!$'*+-/=^_`{|}~@.&"


def calendar(method: str | None = None) -> Calendar:
    """An empty calendar; one with a method is a message about one event."""
    made = Calendar()
    made.add("prodid", "-//kamflow//kamflow//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    if method is not None:
        made.add("method", method)
    return made


def event(uid: str, stamp: datetime) -> Event:
    """An event with its identity; `stamp` is when it was said."""
    made = Event()
    made.add("uid", uid)
    made.add("dtstamp", stamp.astimezone(UTC))
    made.add("last-modified", stamp.astimezone(UTC))
    return made


def say(made: Component, name: str, text: str, language: str | None) -> None:
    """A text in its language, without line breaks but our own; nothing where there is none."""
    lines = [_printed(line) for line in text.split("\n")]
    said = clip("\n".join(line for line in lines if line), _TITLES.get(name, _TEXT))
    if said:
        made.add(name, vText(said), parameters={"language": language} if language else {})


def on_day(made: Event, day: date, busy: Busy) -> None:
    """A whole day: a date without a zone, the same day wherever it is read."""
    made.add("dtstart", day)
    made.add("dtend", day + timedelta(days=1))
    _taken(made, busy)


def at(made: Event, begins: datetime, busy: Busy = "BUSY") -> None:
    """A moment in UTC: it needs no rules of a zone, and is right on the days the clocks change."""
    made.add("dtstart", begins.astimezone(UTC))
    made.add("dtend", (begins + HELD_FREE).astimezone(UTC))
    _taken(made, busy)


def party(box: Mailbox, name: str, **parameters: str) -> vCalAddress:
    """Who invites or is invited."""
    address = vCalAddress(f"mailto:{quote(box.address, safe=_PLAIN)}")
    # RFC 5545 has no way to write a quote in a parameter, and few programs know that of RFC 6868; a backslash
    # means itself there, but some take it to hide the character behind it.
    if shown := clip(_printed(name), _NAME).replace('"', "'").replace("\\", "/"):
        address.params["CN"] = shown
    for key, value in parameters.items():
        address.params[key] = value
    return address


def _printed(text: str) -> str:
    """One line without control characters, which RFC 5545 has no place for."""
    return CONTROL.sub(REPLACEMENT, clean(text)).strip()


def _taken(made: Event, busy: Busy) -> None:
    """Outlook looks at its own properties only; INTENDEDSTATUS is what counts once it is accepted."""
    made.add("transp", "TRANSPARENT" if busy == "FREE" else "OPAQUE")
    made.add("x-microsoft-cdo-busystatus", busy)
    made.add("x-microsoft-cdo-intendedstatus", busy)

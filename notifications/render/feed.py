"""One's own due dates as a calendar to subscribe to: no METHOD, one event for each thing, all each time.

An event keeps its UID as long as the thing is open: a program that fetches the file again moves what moved
and drops what is gone. A nudge stands on its due date as a whole day that takes no time; what is overdue
stands on today, where it is seen. Meetings and hand-ins have the UID and SEQUENCE of their invitations.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Event, Timezone

from notifications.render import ics, letter, vevent
from notifications.render.environment import module
from notifications.render.formats import Formats, locale_of
from notifications.render.item import Item, Letter
from notifications.render.view import NudgesView, NudgeView

TEMPLATE = "calendar_feed/item.j2"
# How often programs should look; kamflow decides once a night.
REFRESH = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Dated:
    """A meeting or a hand-in, with the template and facts of its invitation."""

    template: str
    facts: Mapping[str, Any]
    starts_at: datetime | None = None


def feed(view: NudgesView, silent: Mapping[int, date], dated: Sequence[Dated], domain: str) -> bytes:
    """The calendar of who reads the view, of all its nudges; `silent` says until when some of them are.

    As of the beginning of the view's day: the same file all day, unless something changes.
    """
    language = view.recipient.language
    macros, tag = module(language, TEMPLATE), locale_of(language).replace("_", "-")
    stamp = datetime.combine(view.day, time(), UTC)
    made = vevent.calendar()
    _name(made, str(macros.name(view.recipient.name)).strip(), str(macros.about(view.company)), view, tag)
    for event in (*_nudges(view, silent, domain, macros, tag, stamp), *_dated(view, dated, stamp)):
        made.add_component(event)
    if not made.subcomponents:
        made.add_component(_zone(view))
    return made.to_ical()


def _zone(view: NudgesView) -> Timezone:
    """The reader's time zone: RFC 5545 allows no calendar with nothing in it."""
    zone = view.recipient.zone
    return Timezone.from_tzinfo(ZoneInfo(zone), zone, view.day, view.day + timedelta(days=1))


def _name(made: Any, name: str, about: str, view: NudgesView, tag: str) -> None:
    """By RFC 7986, and as programs knew it before."""
    for key in ("name", "x-wr-calname"):
        vevent.say(made, key, name, tag if key == "name" else None)
    for key in ("description", "x-wr-caldesc"):
        vevent.say(made, key, about, tag if key == "description" else None)
    made.add("x-wr-timezone", view.recipient.zone)
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", f"PT{REFRESH // timedelta(hours=1)}H")


def _nudges(
    view: NudgesView, silent: Mapping[int, date], domain: str, macros: Any, tag: str, stamp: datetime
) -> Iterator[Event]:
    told = letter.letter(view)
    formats = Formats(locale_of(view.recipient.language), view.day)
    for shown, item in zip(view.items, told.items, strict=True):
        nudge = shown.nudges[0]
        event = vevent.event(f"nudge.{nudge.id}@{domain}", stamp)
        day = max(nudge.due_on, view.day, silent.get(nudge.id, date.min))
        vevent.on_day(event, day, "FREE")
        vevent.say(event, "summary", item.title, tag)
        due = _due(nudge, silent.get(nudge.id), view.day, formats, macros)
        vevent.say(event, "description", "\n".join((due, *_told(item, told))), tag)
        event.add("class", "PRIVATE")
        if item.link:
            event.add("url", item.link.url)
        yield event


def _due(nudge: NudgeView, silent: date | None, today: date, formats: Formats, macros: Any) -> str:
    due = formats.dated(nudge.due_on)
    if silent is not None and silent > max(today, nudge.due_on):
        return str(macros.silent(formats.dated(silent), due))
    return str(macros.overdue(due) if nudge.due_on < today else macros.due(due))


def _told(item: Item, told: Letter) -> Iterator[str]:
    """What the message says below the title, a line each."""
    for line in item.lines:
        yield " · ".join(filter(None, (line.head, line.about, line.lead, line.text, line.badge, *line.notes)))
    yield item.rest
    for proposal in item.proposals:
        yield f"{told.labels.proposal}: {proposal}"
    for figure in item.figures:
        yield f"{figure.label}: {figure.value} ({figure.as_of}, {figure.source})"
    for label, text in ((told.labels.why, item.why), (told.labels.next, item.next)):
        yield f"{label}: {text}" if text else ""


def _dated(view: NudgesView, dated: Sequence[Dated], stamp: datetime) -> Iterator[Event]:
    for each in dated:
        yield ics.event(each.template, each.facts, each.starts_at, view.recipient.language, view.names, stamp)

"""One raw event into the meetings it stands for: days, minutes, who comes, and repeats spelled out."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from kamflow.intake.calendars.scanning import RawCalendar, RawEvent

# More meetings of one event than these are no calendar any more.
MOST_REPEATS = 2000
OLDEST_SERIES = 40  # years; each day since is tried
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_NOT_THERE = ("DECLINED", "DELEGATED")
_UNTIL = re.compile(r"UNTIL=(\d{8})(T\d{6})?(Z?)", re.IGNORECASE)


class Broken(ValueError):
    """The event cannot be read; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Window:
    """Repeated events are spelled out from `first` to `last`."""

    first: date
    last: date
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited; `absent` is why the meeting does not count for them."""

    address: str
    absent: str | None = None
    organizer: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One meeting on one day."""

    uid: str
    recurrence: str | None
    sequence: int
    status: str
    start: date
    minutes: int | None
    attendees: tuple[Attendee, ...]
    series: bool = False

    @property
    def external(self) -> str:
        """What identifies it in its source."""
        return f"{self.uid}#{self.recurrence}" if self.recurrence else self.uid


def parse(raw: RawEvent, calendar: RawCalendar) -> Event:
    """Parse the kept lines of an event.

    Raises:
        Broken: they are no event.
    """
    reason: Exception | None = None
    zones = [calendar.zones[each] for each in sorted(raw.zones) if each in calendar.zones]
    for wrapped in ([line for zone in zones for line in zone], []):
        lines = ["BEGIN:VCALENDAR", *wrapped, "BEGIN:VEVENT", *(text for _, text in raw.lines)]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # guesses at the names of time zones
                whole = Calendar.from_ical("\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""]))
            event = whole.walk("VEVENT")[0]
        except Exception as error:  # noqa: BLE001 - files of strangers; the parser raises what it likes
            reason = error
            continue
        if event.errors:
            name, told = event.errors[0]
            raise Broken(f"a valid {name or 'line'}: {told}")
        return event  # pyright: ignore[reportReturnType]
    raise Broken(f"a readable event: {reason}")


def occurrences(event: Event, window: Window) -> list[Occurrence]:
    """The meetings an event stands for: one, or its repeats within the window.

    Raises:
        Broken: no start, or it repeats more often than daily.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a rule may have COUNT, and gets our UNTIL too
            return list(_occurrences(event, window))
    except Broken:
        raise
    except Exception as error:  # noqa: BLE001 - any value of the file may be absurd
        raise Broken(f"dates that can be reckoned with: {error}") from None


def _occurrences(event: Event, window: Window) -> Iterator[Occurrence]:
    if event.get("DTSTART") is None:
        raise Broken("a DTSTART")
    start = _local(event.decoded("DTSTART"), window.zone)
    uid = str(event.get("UID") or "").strip()[:180] or f"no-uid-{start.isoformat()}"
    recurrence = event.get("RECURRENCE-ID")
    one = Occurrence(
        uid,
        _stamp(_local(event.decoded("RECURRENCE-ID"), window.zone)) if recurrence is not None else None,
        _whole(event.get("SEQUENCE")),
        str(event.get("STATUS") or "CONFIRMED").upper(),
        start,
        _minutes(event, start, window.zone),
        _attendees(event),
    )
    if recurrence is not None or (event.get("RRULE") is None and event.get("RDATE") is None):
        yield one
        return
    for moment in _repeats(event, start, window):
        yield replace(one, recurrence=_stamp(moment), start=moment, series=True)


def _repeats(event: Event, start: date, window: Window) -> list[date]:
    if start.year < window.first.year - OLDEST_SERIES:
        raise Broken(f"a series that began in the last {OLDEST_SERIES} years")
    timed = isinstance(start, datetime)
    first = datetime.combine(window.first, time())
    last = datetime.combine(window.last, time(23, 59, 59))
    naive = _naive(start)
    moments = {naive, *_listed(event, "RDATE", window.zone)}
    for rule in _several(event.get("RRULE")):
        written = rule.to_ical().decode()
        if any(f"FREQ={each}" in written.upper() for each in _TOO_OFTEN):
            raise Broken("a rule that repeats at most once a day")
        written = _UNTIL.sub(lambda found: _until(found, window.zone), written)
        ruled: Any = rrulestr(written, dtstart=naive)
        # Without an end a rule that never matches would be searched up to the year 9999.
        ruled = ruled.replace(until=min(ruled._until or last, last))
        moments |= set(islice(ruled.between(first, last, inc=True), MOST_REPEATS + 1))
    moments -= set(_listed(event, "EXDATE", window.zone))
    inside = sorted(each for each in moments if first <= each <= last)
    if len(inside) > MOST_REPEATS:
        raise Broken(f"at most {MOST_REPEATS} repeats")
    zone = window.zone
    if not timed:
        return [each.date() for each in inside]
    return [each.replace(tzinfo=zone).astimezone(UTC) for each in inside]


def _naive(moment: date) -> datetime:
    """Wall-clock time: a meeting at nine stays at nine when the clocks change."""
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=None)
    return datetime.combine(moment, time())


def _local(moment: Any, zone: ZoneInfo) -> date:
    if isinstance(moment, datetime):
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    if isinstance(moment, date):
        return moment
    raise Broken("a day or a moment")


def _listed(event: Event, name: str, zone: ZoneInfo) -> Iterator[datetime]:
    for dates in _several(event.get(name)):
        for each in dates.dts:
            moment = each.dt[0] if isinstance(each.dt, tuple) else each.dt
            yield _naive(_local(moment, zone))


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _until(found: re.Match[str], zone: ZoneInfo) -> str:
    written = found[1] + (found[2] or "T235959")
    moment = datetime.strptime(written, "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone follows
    if found[3]:
        moment = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return f"UNTIL={moment:%Y%m%dT%H%M%S}"


def _stamp(moment: date) -> str:
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{moment:%Y%m%d}"


def _minutes(event: Event, start: date, zone: ZoneInfo) -> int | None:
    if not isinstance(start, datetime):
        return None
    length: timedelta | None = None
    if event.get("DURATION") is not None:
        length = event.decoded("DURATION")
    elif event.get("DTEND") is not None:
        end = _local(event.decoded("DTEND"), zone)
        length = end - start if isinstance(end, datetime) else None
    if length is None or not timedelta(0) <= length <= timedelta(days=60):
        return None
    return int(length.total_seconds() // 60)


def _whole(value: Any) -> int:
    try:
        return max(0, min(int(value or 0), 1_000_000_000))
    except (TypeError, ValueError):
        return 0


def _attendees(event: Event) -> tuple[Attendee, ...]:
    found: dict[str, Attendee] = {}
    for each in _several(event.get("ATTENDEE")):
        address = _address(each)
        if address and str(each.params.get("CUTYPE", "")).upper() not in ("RESOURCE", "ROOM", "GROUP"):
            state = str(each.params.get("PARTSTAT", "")).upper()
            only_told = str(each.params.get("ROLE", "")).upper() == "NON-PARTICIPANT"
            absent = state.lower() if state in _NOT_THERE else "only informed" if only_told else None
            found[address] = Attendee(address, absent)
    organizer = _address(event.get("ORGANIZER"))
    if organizer:
        found.setdefault(organizer, Attendee(organizer, organizer=True))
    return tuple(found.values())


def _address(value: Any) -> str:
    written = str(value or "").strip()
    return written[7:].strip().casefold() if written[:7].lower() == "mailto:" else ""

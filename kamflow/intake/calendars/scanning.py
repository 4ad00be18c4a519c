"""Cut a calendar file into its events without reading what they are about.

Only the properties named in `KEPT` leave this module; titles, places and notes are never parsed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kamflow.errors import Refused
from kamflow.intake.readers.delimited import decode

LARGEST = 100_000_000
KEPT = (
    "UID", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "DURATION", "ATTENDEE", "ORGANIZER", "RRULE", "RDATE",
    "EXDATE", "RECURRENCE-ID",
)  # fmt: skip
_BREAK = re.compile("\r\n|\n|\r")
_NAME = re.compile(r"([A-Za-z0-9-]+)([;:])")
_ADDRESS = re.compile(r"mailto:\s*([^\s;,\"<>]+)", re.IGNORECASE)
_TZID = re.compile(r";TZID=(?:\"([^\"]*)\"|([^;:]*))", re.IGNORECASE)


@dataclass(slots=True)
class RawEvent:
    """The kept lines of one event; `line` is that of its BEGIN. `private` ones keep nothing."""

    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)
    private: bool = False

    @property
    def addresses(self) -> set[str]:
        """Everybody's address, in lower case."""
        people = (text for _, text in self.lines if text[:8].upper() in ("ATTENDEE", "ORGANIZE"))
        return {found.casefold() for text in people for found in _ADDRESS.findall(text)}

    @property
    def zones(self) -> set[str]:
        return {one or two for _, text in self.lines for one, two in _TZID.findall(text)}


@dataclass(slots=True)
class RawCalendar:
    """What a file holds; `flaws` are lines that break its structure, with the reason."""

    events: list[RawEvent] = field(default_factory=list)
    zones: dict[str, list[str]] = field(default_factory=dict)
    methods: set[str] = field(default_factory=set)
    flaws: list[tuple[int, str]] = field(default_factory=list)
    components: int = 0


def scan(path: Path) -> RawCalendar:
    """Read a file's structure.

    Raises:
        Refused: too large, or no text.
    """
    if path.stat().st_size > LARGEST:
        raise Refused(f"{path.name}: larger than {LARGEST // 1_000_000} MB; export a shorter time")
    return scan_text(decode(path, path.read_bytes()))


def scan_text(text: str) -> RawCalendar:
    """The structure of a calendar's text."""
    scanner = _Scanner()
    for line, content in unfold(text):
        scanner.take(line, content)
    return scanner.finish()


def unfold(content: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first physical line."""
    start, parts = 0, list[str]()
    for number, physical in enumerate(_BREAK.split(content), 1):
        if physical[:1] in (" ", "\t") and parts:
            parts.append(physical[1:])
            continue
        if parts:
            yield start, "".join(parts)
        start, parts = number, [physical] if physical else []
    if parts:
        yield start, "".join(parts)


class _Scanner:
    """Follows BEGIN and END; keeps the current event and time zone."""

    def __init__(self) -> None:
        self.found = RawCalendar()
        self.open: list[tuple[str, int]] = []
        self.event: RawEvent | None = None
        self.zone: list[str] | None = None

    def take(self, line: int, content: str) -> None:
        named = _NAME.match(content)
        if named is None:
            if not self.open:
                self.found.flaws.append((line, "BEGIN:VCALENDAR; this is no calendar line"))
            return
        name, value = named[1].upper(), content.rpartition(":")[2].strip().upper()
        if name == "BEGIN":
            self._begin(line, value)
        elif name == "END":
            self._end(line, value)
        else:
            self._property(line, name, value, content)
        if self.zone is not None:
            self.zone.append(content)
            if name == "END" and value == "VTIMEZONE":
                self._keep_zone()

    def finish(self) -> RawCalendar:
        for name, line in self.open:
            self.found.flaws.append((line, f"END:{name} for the BEGIN on this line; the file breaks off"))
        if not self.found.components and not self.found.flaws:
            self.found.flaws.append((1, "BEGIN:VCALENDAR; there is no calendar in this file"))
        return self.found

    def _begin(self, line: int, name: str) -> None:
        self.found.components += 1
        if name == "VEVENT" and self.event is None:
            self.event = RawEvent(line)
        elif name == "VTIMEZONE":
            self.zone = []
        self.open.append((name, line))

    def _end(self, line: int, name: str) -> None:
        if not self.open or self.open[-1][0] != name:
            expected = f"END:{self.open[-1][0]}" if self.open else "no END here"
            self.found.flaws.append((line, f"{expected}, not END:{name[:40]}"))
            if name not in [each for each, _ in self.open]:
                return
            while self.open[-1][0] != name:
                self._drop(self.open.pop()[0])
        self.open.pop()
        if name == "VEVENT" and self.event is not None:
            self.found.events.append(self.event)
            self.event = None

    def _drop(self, name: str) -> None:
        """Forget an event that never ended: nobody knows what it missed."""
        if name == "VEVENT":
            self.event = None

    def _property(self, line: int, name: str, value: str, content: str) -> None:
        inside = self.open[-1][0] if self.open else ""
        if inside == "VCALENDAR" and name == "METHOD":
            self.found.methods.add(value)
        if inside != "VEVENT" or self.event is None:
            return
        if name == "CLASS" and value != "PUBLIC":  # RFC 5545: an unknown class is a private one
            self.event.private = True
            self.event.lines.clear()
        if name in KEPT and not self.event.private:
            self.event.lines.append((line, content))

    def _keep_zone(self) -> None:
        lines, self.zone = self.zone or [], None
        for each in lines:
            if each.upper().startswith("TZID"):
                self.found.zones[each.partition(":")[2].strip()] = lines

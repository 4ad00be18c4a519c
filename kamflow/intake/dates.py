"""Dates in a stated format or one that can only mean one day. 03/04/2026 is never guessed."""

import re
from datetime import UTC, date, datetime, tzinfo

FORMATS = ("iso", "yyyymmdd", "dd.mm.yyyy", "dd/mm/yyyy", "mm/dd/yyyy", "yyyy/mm/dd", "dd-mm-yyyy", "ddmm")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_ISO_TIME = re.compile(
    r"^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d+))?\s*(Z|[+-]\d{2}:?\d{2})?$"
)
_GERMAN = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
_PLAIN = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_TURNED = re.compile(r"^(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
_YEAR_FIRST = re.compile(r"^(\d{4})/(\d{1,2})/(\d{1,2})$")
_SHORT = re.compile(r"^(\d{1,2})(\d{2})$")


class Undecidable(ValueError):
    """Day and month could be either way round."""


def parse(written: str, style: str | None, zone: tzinfo, year: int | None = None) -> date:
    """Return a date, or an aware datetime where a time was written.

    Raises:
        Undecidable: day and month can be exchanged and no format was stated.
        ValueError: not a date in the format.
    """
    written = written.strip()
    if not written.isascii():
        raise ValueError(written)  # int() would take the digits of other scripts
    if style in ("dd/mm/yyyy", "mm/dd/yyyy", "dd-mm-yyyy"):
        return _turned(written, style, zone)
    if style == "ddmm":
        return _short(written, year)
    if style is not None and style != "iso":
        return _stated(written, style, zone)
    return _obvious(written, zone)


def day(value: date, zone: tzinfo) -> date:
    """The local day of a moment; a date is its own day."""
    return value.astimezone(zone).date() if isinstance(value, datetime) else value


def _stated(written: str, style: str, zone: tzinfo) -> date:
    pattern = {"yyyymmdd": _PLAIN, "dd.mm.yyyy": _GERMAN, "yyyy/mm/dd": _YEAR_FIRST}.get(style)
    if pattern is None or not pattern.match(written):
        raise ValueError(written)
    return _obvious(written, zone)


def _obvious(written: str, zone: tzinfo) -> date:
    if _ISO.match(written):
        return date.fromisoformat(written)
    if found := _ISO_TIME.match(written):
        return _moment(found, zone)
    if found := _GERMAN.match(written):
        return _built(found[3], found[2], found[1], found.groups()[3:], zone)
    if found := _PLAIN.match(written) or _YEAR_FIRST.match(written):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _TURNED.match(written):
        first, second = int(found[1]), int(found[3])
        if first != second and first <= 12 and second <= 12:
            raise Undecidable(written)
        day_, month = (first, second) if second <= 12 else (second, first)
        return _built(found[4], str(month), str(day_), found.groups()[4:], zone)
    raise ValueError(written)


def _turned(written: str, style: str, zone: tzinfo) -> date:
    found = _TURNED.match(written)
    if not found or found[2] != style[2]:
        raise ValueError(written)
    first, second = (found[1], found[3]) if style.startswith("dd") else (found[3], found[1])
    return _built(found[4], second, first, found.groups()[4:], zone)


def _short(written: str, year: int | None) -> date:
    found = _SHORT.match(written)
    if not found or year is None:
        raise ValueError(written)
    return date(year, int(found[2]), int(found[1]))


def _moment(found: re.Match[str], zone: tzinfo) -> datetime:
    fraction = f".{(found[3] or '0')[:6]:0<6}"
    clock = found[2] if len(found[2]) == 8 else found[2] + ":00"
    moment = datetime.fromisoformat(f"{found[1]}T{clock}{fraction}{(found[4] or '').replace('Z', '+00:00')}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _built(year: str, month: str, day_: str, clock: tuple[str | None, ...], zone: tzinfo) -> date:
    if clock[0] is None:
        return date(int(year), int(month), int(day_))
    hour, minute, second = (int(part or 0) for part in clock)
    return datetime(int(year), int(month), int(day_), hour, minute, second, tzinfo=zone).astimezone(UTC)

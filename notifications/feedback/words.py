"""The first line of a reply: `done`, `+3` (own working days), or a day. Nothing is guessed."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Act = Literal["done", "days", "until"]
DONE = frozenset({"erledigt", "done"})
MOST_DAYS = 99
_NUMBERED = re.compile(r"(\d{1,2})\s*[:.)\-–]?\s+(\S.*)")
_DAYS = re.compile(r"\+\s?(\d{1,2})(?:\s*(?:tage?|werktage?|arbeitstage?|at|days?|working days?|wd))?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_GERMAN = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})?")
_UNDECIDED = re.compile(r"\d{1,4}\s?[./-]\s?\d{1,2}(?:\s?[./-]\s?\d{0,4})?")


class Undecided(ValueError):
    """A day that can be read in two ways, or that does not exist."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a line asks for; `number` is that of a line in the list it answers."""

    act: Act
    number: int | None = None
    days: int = 0
    until: date | None = None


def said(line: str, language: str, today: date) -> Said | None:
    """Read a line as its writer means it; None where it is none of these.

    Raises:
        Undecided: it is a day, but not clear which.
    """
    line = line.strip().rstrip("!").strip().casefold()
    plain = _one(line, language, today)
    if plain is not None:
        return plain
    numbered = _NUMBERED.fullmatch(line)
    inner = _one(numbered[2], language, today) if numbered else None
    if numbered and inner:
        return Said(inner.act, int(numbered[1]), inner.days, inner.until)
    if _UNDECIDED.fullmatch(line) or (numbered and _UNDECIDED.fullmatch(numbered[2])):
        raise Undecided(line)
    return None


def _one(line: str, language: str, today: date) -> Said | None:
    if line.rstrip(".") in DONE:
        return Said("done")
    if found := _DAYS.fullmatch(line.rstrip(".")):
        return Said("days", days=int(found[1])) if int(found[1]) else None
    if found := _ISO.fullmatch(line.rstrip(".")):
        return Said("until", until=_day(int(found[1]), int(found[2]), int(found[3])))
    if language.startswith("de") and (found := _GERMAN.fullmatch(line)):
        return Said("until", until=_german(found, today))
    return None


def _german(found: re.Match[str], today: date) -> date:
    """`14.9.` is the next one to come."""
    day, month = int(found[1]), int(found[2])
    if found[3]:
        return _day(int(found[3]), month, day)
    this_year = _day(today.year, month, day)
    return this_year if this_year >= today else _day(today.year + 1, month, day)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Undecided(f"{year}-{month}-{day}") from None

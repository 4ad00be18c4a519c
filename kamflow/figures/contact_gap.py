"""How far the contacts of one person with one contact lag behind what was planned.

Two measures, both counted in days on which both sides work:

- pace (Soll 4 and more): expected so far = Soll x elapsed days / days of the period;
- latest start (every Soll): a contact needs a lead to be arranged; it is late when what is missing no
  longer fits into what remains.

Both are monotone: more contacts never make a gap worse, and a later day never makes it smaller.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import ceil, floor
from typing import Literal

from kamflow.thresholds import ContactShortfall
from kamflow.workdays import Calendar

Mode = Literal["pace", "latest_start"]


@dataclass(frozen=True, slots=True)
class Span:
    """A period as both sides work it. `begun` counts today, `elapsed` only the days before it.

    `ordinals` are its working days: a night asks each span for dozens of them.
    """

    calendar: Calendar
    last: date
    ordinals: "array[int]"
    days: int
    begun: int
    elapsed: int

    @property
    def remaining(self) -> int:
        """Working days from today on, today included."""
        return self.days - self.elapsed

    def day(self, elapsed: int) -> date:
        """The first working day before which `elapsed` (fewer than `days`) working days have passed."""
        return date.fromordinal(self.ordinals[elapsed])

    def remaining_on(self, day: date) -> int:
        """Working days of the period from this day on, the day included."""
        return self.days - bisect_left(self.ordinals, day.toordinal())

    def after(self, day: date, working_days: int) -> date:
        """So many (at least one) working days after a day of the period."""
        at = bisect_right(self.ordinals, day.toordinal()) + working_days - 1
        return self.day(at) if at < self.days else self.calendar.add(day, working_days)


# A few thousand pairs of calendars serve a whole night.
@lru_cache(maxsize=8192)
def span(calendar: Calendar, first: date, last: date, today: date) -> Span:
    """The working days of a period seen from a day."""
    ordinals = array("l", _workdays(calendar, first, last))
    at = today.toordinal()
    begun, elapsed = bisect_right(ordinals, at), bisect_left(ordinals, at)
    return Span(calendar, last, ordinals, len(ordinals), begun, elapsed)


def _workdays(calendar: Calendar, first: date, last: date) -> Iterator[int]:
    for year in range(first.year, last.year + 1):
        new_year = date(year, 1, 1).toordinal()
        low, high = first.toordinal() - new_year, last.toordinal() - new_year
        bits = f"{calendar.bits(year):b}"[::-1]
        yield from (new_year + at for at, bit in enumerate(bits) if bit == "1" and low <= at <= high)


def lead(soll: int, influence: int | None, board: bool, days: int, policy: ContactShortfall) -> float:
    """Working days one contact needs to be arranged; never more than 0.8 x days of the period / Soll."""
    if board:
        wanted = policy.lead_board
    elif (influence or 0) >= policy.influential:
        wanted = policy.lead_influential
    else:
        wanted = policy.lead
    return min(wanted, policy.lead_share * days / soll)


def pace_after(soll: int, done: int, days: int, policy: ContactShortfall) -> int | None:
    """After how many elapsed working days the pace is `gap` contacts behind; None: never."""
    if soll < policy.pace_from_soll:
        return None
    elapsed = ceil((policy.gap + done) * days / soll)
    return elapsed if elapsed < days else None


def latest_after(soll: int, done: int, days: int, lead_days: float) -> int | None:
    """After how many elapsed working days what is missing no longer fits; None: nothing is missing."""
    missing = soll - done
    if missing <= 0:
        return None
    return max(0, days - floor(missing * lead_days))


def due_after(soll: int, done: int, days: int, lead_days: float, policy: ContactShortfall) -> int | None:
    """The earlier of pace and latest start, in elapsed working days; None: never due."""
    return earlier(pace_after(soll, done, days, policy), latest_after(soll, done, days, lead_days))


def earlier(pace: int | None, latest: int | None) -> int | None:
    """The earlier of two numbers of elapsed days, of which either may be never."""
    if pace is None or latest is None:
        return latest if pace is None else pace
    return min(pace, latest)


def contacts_behind(soll: int, done: int, at: Span, lead_days: float, policy: ContactShortfall) -> int:
    """Whole contacts behind today, at least 0, at most what is missing."""
    missing = max(0, soll - done)
    behind = floor(soll * at.elapsed / at.days - done) if soll >= policy.pace_from_soll and at.days else 0
    if missing and at.remaining <= missing * lead_days:
        behind = max(behind, missing + 1 - max(1, ceil(at.remaining / lead_days)))
    return max(0, min(behind, missing))

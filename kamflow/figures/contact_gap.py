"""How far the contacts of one person with one contact lag behind what was planned.

Two measures, both counted in days on which both sides work:

- pace (Soll 4 and more): expected so far = Soll x elapsed days / days of the period;
- latest start (every Soll): a contact needs a lead to be arranged; it is late when what is missing no
  longer fits into what remains.

Both are monotone: more contacts never make a gap worse, and a later day never makes it smaller.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor
from typing import Literal

from kamflow.policy import ContactShortfall
from kamflow.workdays import Calendar

Mode = Literal["pace", "latest_start"]
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A period as both sides work it. `begun` counts today, `elapsed` only the days before it."""

    calendar: Calendar
    first: date
    last: date
    days: int
    begun: int
    elapsed: int

    @property
    def remaining(self) -> int:
        """Working days from today on, today included."""
        return self.days - self.elapsed

    def day(self, elapsed: int) -> date:
        """The first working day before which `elapsed` working days of the period have passed."""
        return self.calendar.add(self.first - DAY, elapsed + 1)


def span(calendar: Calendar, first: date, last: date, today: date) -> Span:
    """The working days of a period seen from a day."""
    days = calendar.count(first, last)
    begun = calendar.count(first, min(today, last))
    elapsed = begun - calendar.is_workday(today) if first <= today <= last else begun
    return Span(calendar, first, last, days, begun, elapsed)


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
    pace = pace_after(soll, done, days, policy)
    latest = latest_after(soll, done, days, lead_days)
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

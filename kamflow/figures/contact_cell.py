"""Is the contact of one person with one contact behind, and since when?

Pure; for the rule `contact_shortfall`, for `why-not` and for the contact matrix on paper and pages.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from kamflow.figures import contact_gap as gap
from kamflow.thresholds import ContactShortfall
from kamflow.workdays import Calendar

UNKNOWN_INFLUENCE = 5  # weighs as the middle of 1 to 10; people see it as unknown
Spans = dict[tuple[int, date, date], gap.Span]
NOT_BOOKED: tuple[int, int, Sequence[date]] = (0, 0, ())


class Cell(NamedTuple):
    """Soll and Ist of one person with one contact. `first`..`last`: the target's days within its period.

    A tuple, because a night looks at hundreds of thousands.
    """

    target: int
    person: int
    contact: int
    soll: int
    period: str
    first: date
    last: date
    held: int
    last_held: date | None
    booked: tuple[date, ...]
    influence: int | None
    board: bool
    calendar: Calendar
    gone: bool = False

    @property
    def weight(self) -> int:
        return self.influence or UNKNOWN_INFLUENCE

    def since(self, begun: date) -> "Cell":
        """The cell as it counts from a day within it on: the Soll pro rata to the working days left, half a
        contact counted as one. `held` counts from that day already."""
        days = self.calendar.count(self.first, self.last)
        left = self.calendar.count(begun, self.last)
        soll = (2 * self.soll * left + days) // (2 * days) if days else self.soll
        booked = tuple(day for day in self.booked if day >= begun)
        return self._replace(first=begun, soll=soll, booked=booked)


class Due(NamedTuple):
    """A cell that is behind, with what a person is told of it."""

    cell: Cell
    at: gap.Span
    since: date
    behind: int
    mode: gap.Mode
    unconfirmed: int
    coming: int
    fits: bool


class NotDue(NamedTuple):
    """Why a cell is silent, and what `until` is worked out from: a night never asks for it."""

    reason: str
    at: gap.Span | None = None
    after: int | None = None

    @property
    def until(self) -> date | None:
        """The day on which the cell would speak, where that is known."""
        if self.at is None or self.after is None or self.after >= self.at.days:
            return None
        return self.at.day(self.after)


def look(cell: Cell, today: date, policy: ContactShortfall, spans: Spans | None = None) -> Due | NotDue:
    """The verdict on a cell. `spans` carries work between the cells of one account."""
    if cell.soll == 0:
        return NotDue("no_target")
    if cell.gone:
        return NotDue("gone")
    if cell.held >= cell.soll:
        return NotDue("covered")
    at = _span(cell, today, spans)
    if not at.days:
        return NotDue("no_common_days")
    coming, unconfirmed, lapses = _booked(cell, at, today, policy) if cell.booked else NOT_BOOKED
    done = cell.held + coming + unconfirmed
    if done >= cell.soll:
        return NotDue("covered")
    lead = gap.lead(cell.soll, cell.influence, cell.board, at.days, policy)
    pace = gap.pace_after(cell.soll, done, at.days, policy)
    after = gap.earlier(pace, gap.latest_after(cell.soll, done, at.days, lead))
    if after is None or at.begun <= after:
        return NotDue("on_pace", at, after)
    since = _since(cell, at, done, after, lapses, lead, policy)
    if at.remaining_on(since) <= policy.closing_days:
        return NotDue("too_late")
    missing = cell.soll - done
    return Due(
        cell,
        at,
        since,
        max(1, gap.contacts_behind(cell.soll, done, at, lead, policy)),
        "pace" if pace is not None and pace < at.begun else "latest_start",
        unconfirmed,
        coming,
        at.remaining >= missing * policy.min_between,
    )


def _span(cell: Cell, today: date, spans: Spans | None) -> gap.Span:
    # Cells of one account share few calendars; within one account they live, so id() is stable.
    if spans is None:
        return gap.span(cell.calendar, cell.first, cell.last, today)
    key = (id(cell.calendar), cell.first, cell.last)
    known = spans.get(key)
    if known is None:
        known = spans[key] = gap.span(cell.calendar, cell.first, cell.last, today)
    return known


def _booked(
    cell: Cell, at: gap.Span, today: date, policy: ContactShortfall
) -> tuple[int, int, Sequence[date]]:
    """Bookings to come, those past but still believed, and the days on which others stopped counting."""
    coming = unconfirmed = 0
    lapses: list[date] = []
    for day in cell.booked:
        if day >= today:
            coming += 1
        elif today < (lapse := at.after(day, policy.unconfirmed + 1)):
            unconfirmed += 1
        else:
            lapses.append(lapse)
    return coming, unconfirmed, lapses


def _since(
    cell: Cell,
    at: gap.Span,
    done: int,
    after: int,
    lapses: Sequence[date],
    lead: float,
    policy: ContactShortfall,
) -> date:
    """First day it was due. A booking that lapsed unconfirmed kept it silent until it lapsed."""
    since = at.day(after)
    for number, lapse in enumerate(sorted(lapses, reverse=True), start=1):
        earlier = gap.due_after(cell.soll, done + number, at.days, lead, policy)
        with_it = at.day(earlier) if earlier is not None and earlier < at.days else lapse
        since = max(since, min(with_it, lapse))
    return since

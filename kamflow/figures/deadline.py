"""By when somebody is asked for something: counted in their own working days, none in quiet weeks."""

from datetime import date
from typing import NamedTuple

from kamflow.workdays import Calendar, Quiet, before_quiet, with_absences


class Asked(NamedTuple):
    """A person who is here to be asked, and the days on which they work."""

    person: int
    calendar: Calendar


def days_after(since: date, days: int, calendar: Calendar, quiet: Quiet) -> date:
    """The n-th working day after a day, before quiet weeks where it would fall into them.

    Where that leaves less than half of the days, the quiet ones are left out and it lies after them.
    """
    due = calendar.add(since, days)
    if due not in quiet:
        return due
    before = before_quiet(due, calendar, quiet)
    if 2 * calendar.between(since, before) >= days:
        return before
    return with_absences(calendar, quiet.spans(range(since.year - 1, since.year + 2))).add(since, days)


def days_before(day: date, days: int, calendar: Calendar, quiet: Quiet) -> date:
    """The n-th working day before a day, and before quiet weeks where it would fall into them."""
    return before_quiet(calendar.add(day, -days), calendar, quiet)

"""When a quarter's figures are looked at, and which days they are compared with.

Figures are looked at when the source says that they are complete, at the latest some working days after
the quarter; until the source says so they are preliminary.
"""

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from kamflow.periods import Period, quarters
from kamflow.thresholds import QuarterlyControlling
from kamflow.workdays import Calendar

State = Literal["preliminary", "complete"]
DAY = timedelta(days=1)


def opens_on(
    quarter: Period, year: Period, complete_on: date | None, calendar: Calendar, policy: QuarterlyControlling
) -> date:
    """The day on which a quarter is opened, in the company's calendar."""
    ends_year = quarter.last == year.last
    latest = calendar.add(quarter.last, policy.opens_after_year if ends_year else policy.opens_after)
    # A source may close its books before the quarter is over; there is nothing to look at yet.
    return latest if complete_on is None else max(quarter.last + DAY, min(complete_on, latest))


def number(quarter: Period, year: Period) -> int:
    """The how-manieth quarter of its fiscal year, from 1."""
    return quarters(year).index(quarter) + 1


def year_before(period: Period) -> Period:
    """The same days a year earlier. The end of a month stays one: 29 February 2028 <-> 28 February 2027."""
    return Period(_year_before(period.first), _year_before(period.last))


def twelve_months(last: date) -> Period:
    """The twelve months that end on a day."""
    return Period(_year_before(last) + DAY, last)


def part_of_year(amount: Decimal, quarter: Period, year: Period) -> Decimal:
    """A yearly goal in equal parts per month, rounded to cents: where no goal is set for the quarter."""
    part = amount * _months(quarter) / _months(year)
    return part.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _year_before(day: date) -> date:
    end = monthrange(day.year - 1, day.month)[1]
    at_end = day.day == monthrange(day.year, day.month)[1]
    return date(day.year - 1, day.month, end if at_end else min(day.day, end))


def _months(period: Period) -> int:
    return (period.last.year - period.first.year) * 12 + period.last.month - period.first.month + 1

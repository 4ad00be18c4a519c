"""Fiscal years and quarters as dates.

A period is its first and its last day, both included. That pair is its identity everywhere
(`2026-01-01..2026-12-31`), so a past period stays what it was when the fiscal year is changed later.

`start_month` is the month in which fiscal years begin. `changes` holds (day, month) pairs: from that day
on they begin in that month. ((1 October 2027, 10),) cuts 2027 to nine months, ((1 January 2028, 4),)
prolongs 2027 to fifteen, until 31 March 2028.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Self, TypeAlias

from kamflow.errors import ConfigError, InputError

Changes: TypeAlias = tuple[tuple[date, int], ...]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `first` to `last`, both included; sorted by first day.

    Raises:
        InputError: `last` lies before `first`.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise InputError(f"period {self}: the last day lies before the first; swap them")

    def __str__(self) -> str:
        return f"{self.first.isoformat()}..{self.last.isoformat()}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """Calendar days, both ends included."""
        return (self.last - self.first).days + 1

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote, and nothing else.

        Raises:
            InputError: not `2026-01-01..2026-12-31`.
        """
        first, _, last = text.partition("..")
        try:
            period = cls(date.fromisoformat(first), date.fromisoformat(last))
        except ValueError:
            period = None
        if period is None or str(period) != text:
            raise InputError(f"period {text!r}: expected first..last day, such as 2026-01-01..2026-12-31")
        return period


@lru_cache(maxsize=4096)
def fiscal_year(day: date, start_month: int = 1, changes: Changes = ()) -> Period:
    """Return the fiscal year that contains the day.

    Raises:
        ConfigError: a start month is not 1 to 12.
    """
    for month in (start_month, *(month for _, month in changes)):
        if not 1 <= month <= 12:
            raise ConfigError(f"company.fiscal_year_start = {month}: expected a month from 1 to 12")
    first = _month(day, 0)
    while not _begins(first, start_month, changes):
        first = _month(first, -1)
    after = _month(first, 1)
    while not _begins(after, start_month, changes):
        after = _month(after, 1)
    return Period(first, after - _DAY)


def next_year(year: Period, changes: Changes = ()) -> Period:
    """Return the fiscal year that begins on the day after this one."""
    first = year.last + _DAY
    return fiscal_year(first, first.month, changes)


def quarters(year: Period) -> tuple[Period, ...]:
    """Cut a fiscal year into quarters of three months, counted from its first day.

    Twelve months give four. A changed year has as many as fit and, where months are left over, a short
    last one: nine months give three, ten give four, fifteen give five.
    """
    starts = [year.first]
    while (start := _month(starts[-1], 3)) <= year.last:
        starts.append(start)
    ends = [start - _DAY for start in starts[1:]]
    return tuple(map(Period, starts, [*ends, year.last]))


def quarter(day: date, start_month: int = 1, changes: Changes = ()) -> Period:
    """Return the quarter of the fiscal year that contains the day."""
    return next(part for part in quarters(fiscal_year(day, start_month, changes)) if day in part)


def previous_quarter(day: date, start_month: int = 1, changes: Changes = ()) -> Period:
    """Return the quarter that ended last before the day."""
    return quarter(quarter(day, start_month, changes).first - _DAY, start_month, changes)


def label(period: Period, start_month: int = 1, changes: Changes = ()) -> str:
    """Name a period as people do: 2026, 2026/27, Q3 2026, Q1 2026/27.

    A period that is no fiscal year or quarter of this company is named by its days, so a label never
    says what is not so. October to December is Q4 2026 or Q1 2026/27: only the start month tells.
    """
    year = fiscal_year(period.first, start_month, changes)
    if period == year:
        return _year_name(year)
    for number, part in enumerate(quarters(year), start=1):
        if period == part:
            return f"Q{number} {_year_name(year)}"
    return str(period)


def _year_name(year: Period) -> str:
    first, last = year.first.year, year.last.year
    return f"{first}" if first == last else f"{first}/{last % 100:02d}"


def _begins(first: date, start_month: int, changes: Changes) -> bool:
    """Tell whether a fiscal year begins on this first day of a month."""
    in_force = [month for since, month in sorted(changes) if since <= first]
    return first.month == (in_force[-1] if in_force else start_month)


def _month(day: date, offset: int) -> date:
    """Return the first day of the month that lies `offset` months after the day's."""
    year, month = divmod(day.year * 12 + day.month - 1 + offset, 12)
    return date(year, month + 1, 1)

"""Working days of people, customers and the company.

A working day is one of the own weekdays that is no public holiday of the region, no closing and no
absence. First and last day of a range are both included unless a method says otherwise.

A `Calendar` keeps one integer a year with one bit a day, set where there is work: counting is a mask and a
bit count. A year is worked out when it is first asked for, from the calendar's own values alone: no year is
out of reach, no answer depends on what was asked before. Beyond the years that `holidays` knows (Germany:
1991 to 2100) only weekdays, closings and absences count. A search gives up after `HORIZON` years.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from kamflow.errors import ConfigError, InputError

Span: TypeAlias = tuple[date, date]
HalfDays: TypeAlias = Literal["free", "work"]
MON_TO_FRI = (1, 2, 3, 4, 5)
HORIZON = 20

# In most of Bavaria Mariä Himmelfahrt (15 August) is a holiday; `holidays` files it under "catholic".
_CATEGORIES: dict[tuple[str, str | None], tuple[str, ...]] = {("DE", "BY"): ("public", "catholic")}


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which someone works; made by `calendar`, `both` or `with_absences`.

    `weekdays` are ISO numbers, 1 Monday to 7 Sunday. `free` are closings and absences. 24 and 31 December
    are free where `half_days` is "free". `worked_out` holds the years asked for so far. InputError where a
    weekday is not 1 to 7 or a free time ends before it begins.
    """

    weekdays: frozenset[int]
    regions: frozenset[tuple[str, str | None]] = frozenset()
    free: frozenset[Span] = frozenset()
    half_days: HalfDays = "free"
    worked_out: dict[int, int] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.weekdays <= {1, 2, 3, 4, 5, 6, 7}:
            raise InputError(f"weekdays {sorted(self.weekdays)}: expected 1 (Monday) to 7 (Sunday)")
        for first, last in self.free:
            if last < first:
                raise InputError(f"absence or closing {first}..{last} ends before it begins; swap the days")

    def is_workday(self, day: date) -> bool:
        return bool(self.bits(day.year) >> _index(day) & 1)

    def count(self, first: date, last: date) -> int:
        """Count the working days from first to last, both included; 0 where last lies before first."""
        if last < first:
            return 0
        years = sum(self.bits(year).bit_count() for year in range(first.year, last.year))
        return years + self._rank(last) - self._rank(first) + self.is_workday(first)

    def between(self, a: date, b: date) -> int:
        """Count the working days from a (not counted) to b (counted), negative where b lies before a."""
        return self.count(a, b) - self.is_workday(a) if a <= b else self.is_workday(a) - self.count(b, a)

    def add(self, day: date, n: int) -> date:
        """Return the n-th working day after the day, before it where n is negative, with 0 as `on_or_after`.

        Where there is none in `HORIZON` years (somebody left, two sides share no day), Monday to Friday
        count: a date is still a date, and one row must not stop a night.
        """
        try:
            return self._add(day, n)
        except InputError:
            return Calendar(frozenset(MON_TO_FRI))._add(day, n)

    def _add(self, day: date, n: int) -> date:
        works = self.is_workday(day)
        return (
            day if n == 0 and works else self._find(day, self._rank(day) + (n or 1) + (n < 0 and not works))
        )

    def on_or_after(self, day: date) -> date:
        """Return the day if it is a working day, else the next one (found as in `add`)."""
        return self.add(day, 0)

    def on_or_before(self, day: date) -> date:
        """Return the day if it is a working day, else the last one before (found as in `add`)."""
        return day if self.is_workday(day) else self.add(day, -1)

    def bits(self, year: int) -> int:
        """Return the working days of a year, one bit a day; the lowest is 1 January."""
        bits = self.worked_out.get(year)
        if bits is None:
            bits = self.worked_out[year] = self._work_out(year)
        return bits

    def _work_out(self, year: int) -> int:
        half_days = (date(year, 12, 24), date(year, 12, 31)) if self.half_days == "free" else ()
        bits = _weekday_bits(self.weekdays, year)
        for country, region in self.regions:
            bits &= ~_holiday_bits(country, region, year)
        for first, last in (*self.free, *((day, day) for day in half_days)):
            bits &= ~_span_bits(first, last, year)
        return bits

    def _rank(self, day: date) -> int:
        """Count the working days from 1 January of the day's year to the day, both included."""
        return (self.bits(day.year) & (2 << _index(day)) - 1).bit_count()

    def _find(self, start: date, rank: int) -> date:
        """Return the rank-th working day of the start's year, going on to other years where it must."""
        year = start.year
        while not (total := self.bits(year).bit_count()) >= rank >= 1:
            year += 1 if rank > total else -1
            if abs(year - start.year) > HORIZON or not MINYEAR <= year <= MAXYEAR:
                raise InputError(
                    f"no such working day in {HORIZON} years from {start}: check weekdays, absences, closings"
                )
            rank += -total if rank > total else self.bits(year).bit_count()
        bits = self.bits(year)
        index = bisect_left(range(366), rank, key=lambda last: (bits & (2 << last) - 1).bit_count())
        return date.fromordinal(_new_year(year) + index)


def calendar(
    country: str,
    region: str | None = None,
    weekdays: Iterable[int] = MON_TO_FRI,
    closings: Iterable[Span] = (),
    absences: Iterable[Span] = (),
    half_days: HalfDays = "free",
) -> Calendar:
    """Build the calendar of a person, a customer or the company.

    `region` is the part of the country as `holidays` names it, such as BY; None for nation-wide holidays
    only (ConfigError where it is unknown).
    """
    _check_region(country, region)
    free = frozenset((*closings, *absences))
    return Calendar(frozenset(weekdays), frozenset({(country, region)}), free, half_days)


@lru_cache(maxsize=1024)
def both(a: Calendar, b: Calendar) -> Calendar:
    """Return the days on which both sides work; there may be none."""
    half_days: HalfDays = "work" if a.half_days == b.half_days == "work" else "free"
    return Calendar(a.weekdays & b.weekdays, a.regions | b.regions, a.free | b.free, half_days)


def with_absences(cal: Calendar, absences: Iterable[Span]) -> Calendar:
    """Return the calendar less these days."""
    return Calendar(cal.weekdays, cal.regions, cal.free.union(absences), cal.half_days)


def parse_closings(texts: Iterable[str]) -> tuple[Span, ...]:
    """Read closings: an ISO day each, or first..last day (ConfigError where one is neither)."""
    made: list[Span] = []
    for text in texts:
        first, dots, last = text.partition("..")
        span = _iso_day(first), _iso_day(last if dots else first)
        if span[0] is None or span[1] is None or span[1] < span[0]:
            raise ConfigError(f"closing {text!r}: expected 2026-12-24 or 2026-12-24..2027-01-01")
        made.append((span[0], span[1]))
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The weeks in which nothing but the urgent is told: a season every year (MM-DD) and closings.

    `day in quiet` tells whether a day lies in them. ConfigError where an end is no MM-DD of every year.
    """

    first: str = "12-20"
    last: str = "01-06"
    closings: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        for end in (self.first, self.last):
            if _iso_day(f"2001-{end}") is None:
                raise ConfigError(f"quiet weeks: {end!r}: expected month and day, such as 12-20")

    def __contains__(self, day: date) -> bool:
        at = day.isoformat()[5:]
        season = (any if self.last < self.first else all)((self.first <= at, at <= self.last))
        return season or any(first <= day <= last for first, last in self.closings)

    def spans(self, years: range) -> tuple[Span, ...]:
        """Return the seasons that begin in these years, and the closings."""
        ends = ((f"{y:04}-{self.first}", f"{y + (self.last < self.first):04}-{self.last}") for y in years)
        return (*((date.fromisoformat(a), date.fromisoformat(b)) for a, b in ends), *self.closings)


def before_quiet(day: date, cal: Calendar, quiet: Quiet) -> date:
    """Return the last working day before the quiet time that the day lies in, else the day unchanged."""
    if day not in quiet:
        return day
    return with_absences(cal, quiet.spans(range(day.year - HORIZON, day.year + 1))).on_or_before(day)


def _iso_day(text: str) -> date | None:
    """Read YYYY-MM-DD only: `fromisoformat` also takes a week, and would make it one day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


@cache
def _check_region(country: str, region: str | None) -> None:
    # Imported late, here and below: it takes 0.3 s, too long for `kamflow --help`.
    from holidays import list_supported_countries  # noqa: PLC0415

    known = list_supported_countries(include_aliases=False)
    if country not in known:
        raise ConfigError(f"country {country!r} is unknown: use its two-letter code, such as DE, AT or CH")
    if region not in (None, *known[country]):
        codes = ", ".join(known[country]) or "none"
        raise ConfigError(f"holiday region {region!r} is unknown: leave it out or use {country}'s: {codes}")


@lru_cache(maxsize=4096)
def _holiday_bits(country: str, region: str | None, year: int) -> int:
    from holidays import country_holidays  # noqa: PLC0415

    days = country_holidays(country, region, years=year, categories=_CATEGORIES.get((country, region)))
    return sum(1 << _index(day) for day in days if day.year == year)


@lru_cache(maxsize=4096)
def _weekday_bits(weekdays: frozenset[int], year: int) -> int:
    ordinals = range(_new_year(year), date(year, 12, 31).toordinal() + 1)  # ordinal 1 is a Monday
    return sum(1 << index for index, day in enumerate(ordinals) if (day - 1) % 7 + 1 in weekdays)


def _span_bits(first: date, last: date, year: int) -> int:
    start = max(first.toordinal() - _new_year(year), 0)
    days = min(last.toordinal() - _new_year(year), 365) - start + 1
    return (1 << max(days, 0)) - 1 << start


def _index(day: date) -> int:
    return day.toordinal() - _new_year(day.year)


@cache
def _new_year(year: int) -> int:
    return date(year, 1, 1).toordinal()

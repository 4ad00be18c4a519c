"""The school summer holidays of a region, as the library `holidays` knows them.

It knows Germany and Austria by federal state up to 2029, Switzerland not at all. Unknown is None: a survey
warns of it and does not wait.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from kamflow.workdays import Span

DAY = timedelta(days=1)
SUMMER = "Summer Break"


def spans(country: str | None, region: str | None, years: Iterable[int]) -> tuple[Span, ...] | None:
    """First and last day of the summer holidays of these years; None where those of one are unknown."""
    found: list[Span] = []
    for year in sorted(set(years)):
        known = _of_year(country, region, year) if country and region else None
        if not known:
            return None
        found += known
    return tuple(found)


@cache
def _of_year(country: str, region: str, year: int) -> tuple[Span, ...] | None:
    # Imported late: it takes 0.3 s, too long for `kamflow --help`.
    from holidays import country_holidays  # noqa: PLC0415

    try:
        named = country_holidays(country, region, years=year, categories=("school",), language="en_US")
    except (NotImplementedError, ValueError):  # no such country or region, or no school holidays there
        return None
    return _runs(sorted(day for day, name in named.items() if SUMMER in name and day.year == year))


def _runs(days: list[date]) -> tuple[Span, ...]:
    """Days that follow each other, as first and last day."""
    known = set(days)
    starts = (day for day in days if day - DAY not in known)
    ends = (day for day in days if day + DAY not in known)
    return tuple(zip(starts, ends, strict=True))

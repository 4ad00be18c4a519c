"""From which day a quarter's figures are complete: when all sources have said so of all its days.

A source calls months complete, or whole quarters; either way every day has to be covered.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from kamflow.periods import Period

DAY = timedelta(days=1)


class Statement(NamedTuple):
    """A source says on a day that its data from `first` to `last` are complete."""

    source: str
    first: date
    last: date
    on: date


def completed_on(period: Period, sources: Collection[str], said: Iterable[Statement]) -> date | None:
    """The day of the last statement that was missing; None while one is, or where there is no source."""
    statements = [each for each in said if each.first <= period.last and each.last >= period.first]
    days = [_covered_on(period, [each for each in statements if each.source == name]) for name in sources]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def _covered_on(period: Period, statements: list[Statement]) -> date | None:
    for on in sorted({each.on for each in statements}):
        if _covers(period, [each for each in statements if each.on <= on]):
            return on
    return None


def _covers(period: Period, statements: list[Statement]) -> bool:
    reached = period.first
    for each in sorted(statements, key=lambda each: each.first):
        if each.first <= reached:
            reached = max(reached, each.last + DAY)
    return reached > period.last

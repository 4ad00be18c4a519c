"""The running year against the year before: right for who posts every day and for who posts once a month."""

from datetime import date
from decimal import Decimal

import pytest

from kamflow.periods import Period
from kamflow.store.folder_months import Months, Posted, complete, months

LAST_WORKING_DAYS = {
    2025: ((1, 31), (2, 28), (3, 31), (4, 30), (5, 30), (6, 30)),
    2026: ((1, 30), (2, 27), (3, 31), (4, 30), (5, 29)),
}


def posted(year: int, *days: tuple[int, int], amount: int = 100) -> list[Posted]:
    return [Posted("", date(year, month, day), Decimal(amount)) for month, day in days]


def compared(now: list[Posted], then: list[Posted]) -> Months | None:
    """As read: the year before to the end of the month of the last posting."""
    until = max(each.day for each in now)
    then = [each for each in then if each.day.month <= until.month]
    return months(now, then, date(until.year, 1, 1), until)


def test_months_posted_on_their_last_working_day_are_whole_whatever_day_that_was():
    found = compared(posted(2026, *LAST_WORKING_DAYS[2026]), posted(2025, *LAST_WORKING_DAYS[2025]))
    assert (found.last, found.of(None)) == (date(2026, 5, 31), (500, 500))


def test_the_29_february_belongs_to_its_month():
    found = compared(posted(2029, (1, 31), (2, 28)), posted(2028, (1, 31), (2, 29)))
    assert found.of("") == (200, 200)
    back = compared(posted(2028, (1, 31), (2, 29)), posted(2027, (1, 29), (2, 26)))
    assert back.of("") == (200, 200)


@pytest.mark.parametrize("day", [1, 15])
def test_months_posted_on_one_day_within_are_whole_on_that_day(day: int):
    now, then = (posted(year, *((month, day) for month in range(1, 9))) for year in (2026, 2025))
    assert compared(now, then).of(None) == (800, 800)


def test_a_month_that_is_posted_day_by_day_counts_once_it_is_over():
    every = [(month, day) for month in (1, 2, 3) for day in range(1, 29)]
    then = posted(2025, *every, amount=1)
    half = compared(posted(2026, *(each for each in every if each <= (3, 12)), amount=1), then)
    assert (half.last, half.of(None)) == (date(2026, 2, 28), (56, 56))
    whole = compared(posted(2026, *every, (3, 31), amount=1), then)
    assert (whole.last, whole.of(None)) == (date(2026, 3, 31), (85, 84))


def test_before_a_month_is_over_nothing_is_compared():
    assert compared(posted(2026, (1, 12)), posted(2025, (1, 5), (1, 20))) is None


def test_a_year_is_complete_from_its_last_weekday_on():
    year = Period(date(2027, 1, 1), date(2027, 12, 31))
    assert (complete(year, date(2027, 12, 30)), complete(year, date(2027, 12, 31))) == (False, True)
    assert complete(Period(date(2022, 1, 1), date(2022, 12, 31)), date(2022, 12, 30))

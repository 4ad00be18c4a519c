"""The days of a period as both sides work it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.contact_gap import span
from kamflow.workdays import Calendar, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}))
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
DAYS = st.dates(*YEAR)


@given(first=DAYS, last=DAYS, today=st.dates(date(2025, 12, 1), date(2027, 1, 31)))
def test_a_span_counts_as_its_calendar_does(first: date, last: date, today: date) -> None:
    at = span(WEEK, first, last, today)

    assert at.days == WEEK.count(first, last)
    assert at.begun == WEEK.count(first, min(today, last))
    assert at.elapsed == WEEK.count(first, min(today - timedelta(days=1), last))


@given(day=DAYS, working_days=st.integers(1, 300))
def test_days_after_a_day_are_those_of_the_calendar_also_past_the_period(
    day: date, working_days: int
) -> None:
    at = span(WEEK, *YEAR, date(2026, 6, 1))

    assert at.after(day, working_days) == WEEK.add(day, working_days)


@pytest.mark.parametrize(
    ("since", "due"), [(date(2026, 9, 1), date(2026, 9, 3)), (date(2026, 9, 9), date(2026, 9, 11))]
)
def test_who_leaves_before_a_date_keeps_one_counted_from_monday_to_friday(since: date, due: date) -> None:
    leaving = with_absences(WEEK, [(date(2026, 9, 11), date(2056, 12, 31))])

    assert span(leaving, *YEAR, since).after(since, 2) == due

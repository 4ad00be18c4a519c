"""Days that can be counted on a wall calendar: Monday to Friday, no holidays."""

from datetime import date
from decimal import Decimal

import pytest

from kamflow.figures.deadline import days_after, days_before
from kamflow.figures.quarter_dates import number, opens_on, part_of_year, twelve_months, year_before
from kamflow.periods import Period, fiscal_year, quarter, quarters
from kamflow.policy import Policy
from kamflow.workdays import Calendar, Quiet, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
POLICY = Policy().quarterly_controlling
CHANGE = ((date(2027, 10, 1), 10),)  # from October 2027 on years begin in October: 2027 has nine months


@pytest.mark.parametrize(
    ("last", "start_month", "complete_on", "opens"),
    [
        # Wednesday 30 September: the tenth working day after it is Wednesday 14 October
        (date(2026, 9, 30), 1, None, date(2026, 10, 14)),
        (date(2026, 9, 30), 1, date(2026, 10, 7), date(2026, 10, 7)),
        (date(2026, 9, 30), 1, date(2026, 10, 14), date(2026, 10, 14)),
        (date(2026, 9, 30), 1, date(2026, 10, 20), date(2026, 10, 14)),
        (date(2026, 9, 30), 1, date(2026, 9, 28), date(2026, 10, 1)),
        # the last quarter of a fiscal year has twenty
        (date(2026, 12, 31), 1, None, date(2027, 1, 28)),
        (date(2026, 9, 30), 10, None, date(2026, 10, 28)),
        (date(2026, 12, 31), 10, None, date(2027, 1, 14)),
        # 29 February 2028 ends a year that began in March
        (date(2028, 2, 29), 3, None, date(2028, 3, 28)),
    ],
)
def test_a_quarter_opens_when_complete_at_the_latest_after_ten_or_twenty_days(
    last: date, start_month: int, complete_on: date | None, opens: date
) -> None:
    part, year = quarter(last, start_month), fiscal_year(last, start_month)

    assert opens_on(part, year, complete_on, WEEK, POLICY) == opens


def test_the_last_quarter_of_a_year_that_was_cut_short_has_twenty_days_too() -> None:
    year = fiscal_year(date(2027, 9, 30), 1, CHANGE)

    assert number(quarters(year)[-1], year) == 3
    assert opens_on(quarters(year)[-1], year, None, WEEK, POLICY) == date(2027, 10, 28)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2026-07-01..2026-09-30", "2025-07-01..2025-09-30"),
        ("2027-12-01..2028-02-29", "2026-12-01..2027-02-28"),
        ("2028-12-01..2029-02-28", "2027-12-01..2028-02-29"),
        ("2028-01-01..2028-02-15", "2027-01-01..2027-02-15"),
    ],
)
def test_the_same_quarter_a_year_ago_ends_with_its_month(period: str, before: str) -> None:
    assert year_before(Period.parse(period)) == Period.parse(before)


@pytest.mark.parametrize(
    ("last", "months"),
    [
        (date(2026, 9, 30), "2025-10-01..2026-09-30"),
        (date(2028, 2, 29), "2027-03-01..2028-02-29"),
        (date(2029, 2, 28), "2028-03-01..2029-02-28"),
    ],
)
def test_twelve_months_end_on_the_day(last: date, months: str) -> None:
    assert twelve_months(last) == Period.parse(months)


def test_a_yearly_goal_is_cut_into_equal_months() -> None:
    year, cut = fiscal_year(date(2026, 1, 1)), fiscal_year(date(2027, 1, 1), 1, CHANGE)

    assert part_of_year(Decimal(1_000_000), quarters(year)[0], year) == Decimal("250000.00")
    assert part_of_year(Decimal(1_000_000), quarters(cut)[0], cut) == Decimal("333333.33")


@pytest.mark.parametrize(
    ("since", "days", "due"),
    [
        (date(2026, 10, 14), 15, date(2026, 11, 4)),
        # 22 December lies in the quiet weeks: the last working day before them is 18 December
        (date(2026, 12, 1), 15, date(2026, 12, 18)),
        # from 10 December only 6 of 15 days are left before them: the other 9 count from 7 January on
        (date(2026, 12, 10), 15, date(2027, 1, 19)),
        (date(2026, 12, 28), 5, date(2027, 1, 13)),
    ],
)
def test_a_deadline_does_not_fall_into_quiet_weeks(since: date, days: int, due: date) -> None:
    assert days_after(since, days, WEEK, Quiet()) == due


def test_days_on_which_the_asked_person_is_away_do_not_count() -> None:
    away = with_absences(WEEK, [(date(2026, 10, 19), date(2026, 10, 30))])

    assert days_after(date(2026, 10, 14), 5, away, Quiet()) == date(2026, 11, 4)
    assert days_before(date(2026, 11, 4), 5, away, Quiet()) == date(2026, 10, 14)

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.errors import ConfigError, InputError
from kamflow.periods import Period, fiscal_year, label, next_year, previous_quarter, quarter, quarters

CALENDAR_YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
FROM_OCTOBER = ((date(2027, 10, 1), 10),)

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
months = st.integers(1, 12)


def test_a_period_is_written_as_its_days_and_read_back():
    assert str(CALENDAR_YEAR) == "2026-01-01..2026-12-31"
    assert Period.parse("2026-01-01..2026-12-31") == CALENDAR_YEAR


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-01-01", "2026-01-01..", "20260101..20261231", "2026-W01..2026-W02", "1.1..2.1"]
)
def test_other_spellings_of_a_period_are_refused(text: str):
    with pytest.raises(InputError, match=r"expected first\.\.last"):
        Period.parse(text)


def test_a_period_cannot_end_before_it_begins():
    with pytest.raises(InputError, match="before the first"):
        Period.parse("2026-12-31..2026-01-01")


def test_a_period_contains_both_its_ends():
    assert date(2026, 1, 1) in CALENDAR_YEAR
    assert date(2026, 12, 31) in CALENDAR_YEAR
    assert date(2027, 1, 1) not in CALENDAR_YEAR


def test_a_leap_year_has_366_days():
    assert CALENDAR_YEAR.days == 365
    assert fiscal_year(date(2028, 2, 29)).days == 366


def test_periods_sort_by_their_first_day():
    first, second, *_ = quarters(CALENDAR_YEAR)
    assert first < second
    assert sorted([second, CALENDAR_YEAR, first]) == [first, CALENDAR_YEAR, second]


@pytest.mark.parametrize(
    ("day", "start_month", "expected"),
    [
        ("2026-01-01", 1, "2026-01-01..2026-12-31"),
        ("2026-12-31", 1, "2026-01-01..2026-12-31"),
        ("2026-09-30", 10, "2025-10-01..2026-09-30"),
        ("2026-10-01", 10, "2026-10-01..2027-09-30"),
        ("2028-02-29", 3, "2027-03-01..2028-02-29"),
        ("2027-02-28", 3, "2026-03-01..2027-02-28"),
    ],
)
def test_the_fiscal_year_contains_the_day(day: str, start_month: int, expected: str):
    assert str(fiscal_year(date.fromisoformat(day), start_month)) == expected


def test_a_start_month_outside_the_year_is_refused():
    with pytest.raises(ConfigError, match="1 to 12"):
        fiscal_year(date(2026, 1, 1), 13)
    with pytest.raises(ConfigError, match="1 to 12"):
        fiscal_year(date(2026, 1, 1), 1, ((date(2027, 1, 1), 0),))


def test_a_fiscal_year_from_october_has_four_quarters():
    assert [str(part) for part in quarters(fiscal_year(date(2026, 10, 1), 10))] == [
        "2026-10-01..2026-12-31",
        "2027-01-01..2027-03-31",
        "2027-04-01..2027-06-30",
        "2027-07-01..2027-09-30",
    ]


def test_a_quarter_ends_on_the_leap_day_when_the_year_begins_in_december():
    assert str(quarter(date(2028, 2, 29), 12)) == "2027-12-01..2028-02-29"


def test_a_change_to_october_leaves_one_year_of_nine_months():
    changed = fiscal_year(date(2027, 5, 1), 1, FROM_OCTOBER)
    assert str(changed) == "2027-01-01..2027-09-30"
    assert str(next_year(changed, FROM_OCTOBER)) == "2027-10-01..2028-09-30"
    assert str(fiscal_year(date(2026, 12, 31), 1, FROM_OCTOBER)) == "2026-01-01..2026-12-31"


def test_a_year_of_nine_months_has_three_quarters():
    changed = fiscal_year(date(2027, 5, 1), 1, FROM_OCTOBER)
    assert [str(part) for part in quarters(changed)] == [
        "2027-01-01..2027-03-31",
        "2027-04-01..2027-06-30",
        "2027-07-01..2027-09-30",
    ]


def test_months_left_over_are_a_short_last_quarter():
    changed = fiscal_year(date(2027, 5, 1), 1, ((date(2027, 11, 1), 11),))
    assert [str(part) for part in quarters(changed)][2:] == [
        "2027-07-01..2027-09-30",
        "2027-10-01..2027-10-31",
    ]


def test_a_change_announced_early_prolongs_the_year_before():
    changes = ((date(2028, 1, 1), 4),)
    changed = fiscal_year(date(2028, 2, 29), 1, changes)
    assert str(changed) == "2027-01-01..2028-03-31"
    assert len(quarters(changed)) == 5
    assert str(next_year(changed, changes)) == "2028-04-01..2029-03-31"


def test_the_next_year_begins_the_day_after():
    assert str(next_year(CALENDAR_YEAR)) == "2027-01-01..2027-12-31"
    assert str(next_year(fiscal_year(date(2026, 5, 1), 7))) == "2026-07-01..2027-06-30"


@pytest.mark.parametrize(
    ("text", "start_month", "expected"),
    [
        ("2026-01-01..2026-12-31", 1, "2026"),
        ("2026-07-01..2026-09-30", 1, "Q3 2026"),
        ("2026-10-01..2027-09-30", 10, "2026/27"),
        ("2026-10-01..2026-12-31", 10, "Q1 2026/27"),
        ("2026-10-01..2026-12-31", 1, "Q4 2026"),
        ("2099-10-01..2100-09-30", 10, "2099/00"),
        ("2026-10-01..2027-09-30", 1, "2026-10-01..2027-09-30"),
        ("2026-02-01..2026-04-30", 1, "2026-02-01..2026-04-30"),
    ],
)
def test_a_label_names_the_period_or_its_days(text: str, start_month: int, expected: str):
    assert label(Period.parse(text), start_month) == expected


def test_the_years_around_a_change_have_different_labels():
    first = fiscal_year(date(2026, 5, 1), 1, FROM_OCTOBER)
    second = next_year(first, FROM_OCTOBER)
    third = next_year(second, FROM_OCTOBER)
    assert [label(year, 1, FROM_OCTOBER) for year in (first, second, third)] == ["2026", "2027", "2027/28"]
    assert label(quarters(second)[2], 1, FROM_OCTOBER) == "Q3 2027"


@given(days, months)
def test_every_day_lies_in_its_year_and_its_quarter(day: date, start_month: int):
    year, part = fiscal_year(day, start_month), quarter(day, start_month)
    assert day in year
    assert day in part
    assert part in quarters(year)
    assert year.days in (365, 366)


@given(days, months, st.integers(1992, 2080), months)
def test_years_and_quarters_follow_each_other_without_gap_even_when_changed(
    day: date, start_month: int, changed_in: int, new_month: int
):
    changes = ((date(changed_in, new_month, 1), new_month),)
    year = fiscal_year(day, start_month, changes)
    after = next_year(year, changes)
    parts = [*quarters(year), *quarters(after)]
    assert fiscal_year(year.last, start_month, changes) == year
    assert fiscal_year(after.first, start_month, changes) == after
    assert (parts[0].first, parts[-1].last) == (year.first, after.last)
    assert all(b.first - a.last == timedelta(1) for a, b in pairwise(parts))


def test_the_previous_quarter_is_the_one_that_ended_last():
    assert str(previous_quarter(date(2026, 9, 30))) == "2026-04-01..2026-06-30"
    assert str(previous_quarter(date(2026, 10, 1))) == "2026-07-01..2026-09-30"
    assert str(previous_quarter(date(2026, 10, 1), 11)) == "2026-05-01..2026-07-31"

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kamflow.errors import ConfigError, InputError
from kamflow.workdays import Calendar, Quiet, before_quiet, both, calendar, parse_closings, with_absences

BAVARIA = calendar("DE", "BY")
NRW = calendar("DE", "NW")
BERLIN = calendar("DE", "BE")
PART_TIME = calendar("DE", "NW", weekdays=(1, 2, 3))
NEVER = calendar("DE", weekdays=())


def on(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


# Public holidays.


def test_new_years_day_is_free():
    assert not NRW.is_workday(on(1, 1))
    assert NRW.is_workday(on(1, 2))


def test_maria_himmelfahrt_is_free_in_bavaria_only():
    assumption = on(8, 15, 2028)
    assert assumption.isoweekday() == 2
    assert not BAVARIA.is_workday(assumption)
    assert NRW.is_workday(assumption)


def test_fronleichnam_is_free_in_bavaria_and_nrw_but_not_in_berlin():
    corpus_christi = on(6, 4)
    assert not BAVARIA.is_workday(corpus_christi)
    assert not NRW.is_workday(corpus_christi)
    assert BERLIN.is_workday(corpus_christi)


def test_the_womens_day_is_free_in_berlin():
    assert not BERLIN.is_workday(on(3, 8, 2028))
    assert NRW.is_workday(on(3, 8, 2028))


def test_without_region_only_nation_wide_holidays_count():
    germany = calendar("DE")
    assert not germany.is_workday(on(5, 14))  # Christi Himmelfahrt
    assert germany.is_workday(on(6, 4))  # Fronleichnam


def test_a_holiday_on_a_weekend_takes_no_working_day():
    assert on(10, 3).isoweekday() == 6  # Tag der Deutschen Einheit 2026
    assert NRW.count(on(9, 28), on(10, 4)) == 5


@pytest.mark.parametrize(
    ("country", "region", "expected"),
    [
        ("XX", None, "country 'XX' is unknown"),
        ("de", "BY", "two-letter code"),
        ("DE", "BYX", "use DE's: BB, BE, BW, BY"),
        ("DE", "Bayern", "use DE's: BB, BE, BW, BY"),
        ("DE", "", "leave it out"),
    ],
)
def test_an_unknown_region_is_refused_with_those_there_are(country: str, region: str | None, expected: str):
    with pytest.raises(ConfigError, match=expected):
        calendar(country, region)


# 24 and 31 December.


def test_christmas_eve_and_new_years_eve_follow_the_company():
    working = calendar("DE", "NW", half_days="work")
    assert [NRW.is_workday(on(12, day)) for day in (23, 24, 30, 31)] == [True, False, True, False]
    assert [working.is_workday(on(12, day)) for day in (23, 24, 30, 31)] == [True, True, True, True]


def test_a_christmas_eve_that_is_a_public_holiday_stays_free():
    assert not calendar("CZ", half_days="work").is_workday(on(12, 24))


# Counting.


def test_a_plain_week_has_five_working_days():
    assert NRW.count(on(9, 7), on(9, 13)) == 5


def test_both_ends_are_counted():
    assert NRW.count(on(9, 7), on(9, 7)) == 1
    assert NRW.count(on(9, 6), on(9, 6)) == 0


def test_an_empty_range_has_none():
    assert NRW.count(on(9, 8), on(9, 7)) == 0


def test_may_2026_in_nrw_has_eighteen():
    # 21 weekdays less Tag der Arbeit (1), Christi Himmelfahrt (14), Pfingstmontag (25).
    assert NRW.count(on(5, 1), on(5, 31)) == 18


def test_the_53rd_week_of_2026_reaches_over_new_year():
    monday, sunday = on(12, 28), on(1, 3, 2027)
    assert monday.isocalendar().week == sunday.isocalendar().week == 53
    # Free: Silvester (Thursday) and Neujahr (Friday).
    assert NRW.count(monday, sunday) == 3


def test_the_leap_day_is_counted():
    assert on(2, 29, 2028).isoweekday() == 2
    assert NRW.count(on(2, 28, 2028), on(3, 1, 2028)) == 3
    assert NRW.add(on(2, 28, 2028), 1) == on(2, 29, 2028)


def test_the_last_day_of_a_leap_year_is_known():
    working = calendar("DE", "NW", half_days="work")
    assert on(12, 31, 2032).isoweekday() == 5
    assert working.is_workday(on(12, 31, 2032))
    assert working.add(on(12, 30, 2032), 1) == on(12, 31, 2032)


def test_a_year_from_october_is_counted_over_two_calendar_years():
    parts = NRW.count(on(10, 1), on(12, 31)), NRW.count(on(1, 1, 2027), on(9, 30, 2027))
    assert NRW.count(on(10, 1), on(9, 30, 2027)) == sum(parts)


def test_between_leaves_out_the_day_it_starts_from():
    friday, monday = on(9, 4), on(9, 7)
    assert NRW.between(friday, monday) == 1
    assert NRW.between(monday, friday) == -1
    assert NRW.between(monday, monday) == 0
    assert NRW.between(on(9, 5), monday) == 1
    assert NRW.between(monday, on(9, 5)) == 0


# Adding.


def test_the_next_working_day_after_a_friday_is_monday():
    assert NRW.add(on(9, 4), 1) == on(9, 7)
    assert NRW.add(on(9, 5), 1) == on(9, 7)


def test_backwards_skips_easter():
    # Karfreitag 3 April, Ostermontag 6 April 2026.
    assert NRW.add(on(4, 7), -1) == on(4, 2)
    assert NRW.add(on(4, 5), -1) == on(4, 2)


def test_zero_is_the_day_itself_or_the_next_working_day():
    assert NRW.add(on(9, 4), 0) == on(9, 4)
    assert NRW.add(on(9, 5), 0) == on(9, 7)


def test_on_or_before_and_on_or_after_keep_a_working_day():
    assert NRW.on_or_before(on(9, 4)) == NRW.on_or_after(on(9, 4)) == on(9, 4)
    assert NRW.on_or_before(on(9, 6)) == on(9, 4)
    assert NRW.on_or_after(on(9, 5)) == on(9, 7)


def test_ten_working_days_over_the_turn_of_the_year():
    # 21, 22, 23, 28, 29, 30 December, 4, 5, 6, 7 January; free are 24, 25, 31 December and 1 January.
    assert NRW.add(on(12, 18), 10) == on(1, 7, 2027)
    assert NRW.add(on(1, 7, 2027), -10) == on(12, 18)


# Part-time, closings, absences.


def test_monday_to_wednesday_has_three_days_a_week():
    assert PART_TIME.count(on(9, 7), on(9, 20)) == 6
    assert PART_TIME.add(on(9, 9), 1) == on(9, 14)


def test_a_company_closing_is_free():
    closed = calendar("DE", "NW", closings=parse_closings(["2026-05-15", "2026-08-03..2026-08-14"]))
    assert not closed.is_workday(on(5, 15))  # the Friday after Christi Himmelfahrt
    assert closed.count(on(8, 1), on(8, 31)) == NRW.count(on(8, 1), on(8, 31)) - 10
    assert closed.add(on(7, 31), 1) == on(8, 17)


def test_an_absence_stops_the_clock_of_that_person_only():
    away = with_absences(NRW, [(on(9, 7), on(9, 11))])
    assert away.between(on(9, 4), on(9, 14)) == 1
    assert NRW.between(on(9, 4), on(9, 14)) == 6


def test_an_absence_may_span_years_or_have_no_end():
    leave = with_absences(NRW, [(on(6, 1), on(5, 31, 2028))])
    assert leave.count(on(1, 1, 2027), on(12, 31, 2027)) == 0
    assert leave.add(on(7, 1), 1) == on(6, 1, 2028)
    gone = with_absences(NRW, [(on(6, 1), date.max)])
    assert gone.add(on(7, 1), -1) == on(5, 29)
    assert gone.count(on(1, 1), on(12, 31)) == NRW.count(on(1, 1), on(5, 31))


def test_an_absence_that_ends_before_it_begins_is_refused():
    with pytest.raises(InputError, match="swap the days"):
        with_absences(NRW, [(on(9, 11), on(9, 7))])


def test_an_eighth_weekday_is_refused():
    with pytest.raises(InputError, match="1 \\(Monday\\) to 7"):
        calendar("DE", weekdays=(0, 1))


@pytest.mark.parametrize("text", ["", "24.12.2026", "2026-W52", "2026-12-24..", "2027-01-01..2026-12-24"])
def test_a_closing_that_is_no_day_or_range_is_refused(text: str):
    with pytest.raises(ConfigError, match="expected 2026-12-24 or"):
        parse_closings([text])


# Both sides, and no side.


def test_both_sides_work_where_neither_is_free():
    pair = both(BAVARIA, PART_TIME)
    assert not pair.is_workday(on(1, 6))  # Heilige Drei Könige, a Tuesday, in Bavaria
    assert PART_TIME.is_workday(on(1, 6))
    assert not pair.is_workday(on(9, 10))  # a Thursday
    assert pair.count(on(1, 5), on(1, 11)) == 2


def test_a_half_day_that_one_side_takes_off_is_free_for_both():
    working = calendar("DE", "NW", half_days="work")
    assert not both(NRW, working).is_workday(on(12, 24))
    assert both(working, working).is_workday(on(12, 24))


def test_two_sides_may_share_no_day():
    pair = both(PART_TIME, calendar("DE", "NW", weekdays=(4, 5)))
    assert pair.count(on(1, 1), on(12, 31)) == 0
    assert pair.add(on(1, 1), 1) == on(1, 2)  # Monday to Friday then: a date is still a date


def test_a_search_without_end_takes_monday_to_friday() -> None:
    assert NEVER.on_or_after(on(1, 3)) == on(1, 5)  # a Saturday, the Monday after it
    assert NEVER.on_or_before(on(1, 3)) == on(1, 2)
    assert NEVER.add(on(1, 5), 5) == on(1, 12)
    with pytest.raises(InputError, match="no such working day"):
        calendar("DE", weekdays=(6, 7)).add(date(9999, 12, 31), 1)


# Years that nobody asked for before.


def test_years_come_when_they_are_asked_for():
    fresh = calendar("DE", "NW")
    assert fresh.count(on(5, 1, 2031), on(5, 1, 2031)) == 0  # Tag der Arbeit, a Thursday
    assert fresh.count(on(1, 1, 2150), on(12, 31, 2150)) > 240


def test_answers_do_not_depend_on_what_was_asked_before():
    asked, fresh = calendar("DE", "BY"), calendar("DE", "BY")
    asked.bits(2030)
    assert asked == fresh
    assert hash(asked) == hash(fresh)
    assert both(asked, NRW).add(on(6, 1), 400) == both(fresh, NRW).add(on(6, 1), 400)


# Quiet weeks.


def test_the_quiet_weeks_reach_over_new_year():
    quiet = Quiet()
    days = [on(12, 19), on(12, 20), on(12, 31), on(1, 1, 2027), on(1, 6, 2027), on(1, 7, 2027)]
    assert [day in quiet for day in days] == [False, True, True, True, True, False]


def test_a_company_closing_is_quiet():
    quiet = Quiet(closings=parse_closings(["2026-08-03..2026-08-14"]))
    assert on(8, 14) in quiet
    assert on(8, 15) not in quiet


def test_a_quiet_season_may_lie_within_a_year():
    quiet = Quiet("07-15", "08-31")
    assert [day in quiet for day in (on(7, 14), on(7, 15), on(8, 31), on(12, 24))] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("end", ["20.12.", "13-01", "02-29", "1220", "W52-1"])
def test_an_end_of_the_quiet_weeks_that_is_no_day_of_every_year_is_refused(end: str):
    with pytest.raises(ConfigError, match="month and day"):
        Quiet(end)


def test_a_date_in_the_quiet_weeks_moves_before_them():
    assert before_quiet(on(12, 23), NRW, Quiet()) == on(12, 18)
    assert before_quiet(on(1, 5, 2027), NRW, Quiet()) == on(12, 18)


def test_a_date_outside_the_quiet_weeks_stays():
    assert before_quiet(on(12, 19), NRW, Quiet()) == on(12, 19)


def test_a_closing_right_before_the_quiet_weeks_is_passed_as_well():
    quiet = Quiet(closings=parse_closings(["2026-12-14..2026-12-18"]))
    assert before_quiet(on(12, 28), NRW, quiet) == on(12, 11)


def test_a_quiet_season_all_year_round_leaves_the_day_before():
    assert before_quiet(on(6, 2), NRW, Quiet("01-01", "12-31")) <= on(6, 2)


# What holds for every calendar.

dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))
spans = st.builds(lambda day, length: (day, day + timedelta(length)), dates, st.integers(0, 40))
calendars = st.builds(
    calendar,
    st.just("DE"),
    st.sampled_from(["BY", "NW", "BE", "SN", None]),
    st.sets(st.integers(1, 7), min_size=1),
    absences=st.lists(spans, max_size=5),
    half_days=st.sampled_from(["free", "work"]),
)
# Without deadline: the first example of a year loads its holidays.
unhurried = settings(deadline=None, max_examples=50)


@unhurried
@given(calendars, dates, st.integers(0, 800))
def test_counting_agrees_with_looking_at_every_day(cal: Calendar, first: date, length: int):
    days = [first + timedelta(offset) for offset in range(length)]
    assert cal.count(first, first + timedelta(length - 1)) == sum(map(cal.is_workday, days))


@unhurried
@given(calendars, st.lists(dates, min_size=3, max_size=3).map(sorted))
def test_counting_is_additive(cal: Calendar, days: list[date]):
    first, middle, last = days
    rest = cal.count(middle + timedelta(1), last)
    assert cal.count(first, middle) + rest == cal.count(first, last)
    assert cal.between(first, middle) + cal.between(middle, last) == cal.between(first, last)


@unhurried
@given(calendars, dates, st.integers(1, 400))
def test_adding_and_taking_away_leads_back(cal: Calendar, day: date, n: int):
    assert cal.add(cal.add(day, n), -n) == cal.on_or_before(day)
    assert cal.add(cal.add(day, -n), n) == cal.on_or_after(day)


@unhurried
@given(calendars, dates, st.integers(-400, 400).filter(bool))
def test_adding_lands_on_a_working_day_that_many_days_away(cal: Calendar, day: date, n: int):
    found = cal.add(day, n)
    assert cal.is_workday(found)
    assert cal.between(day, found) == n


@unhurried
@given(calendars, calendars, dates, st.integers(0, 400))
def test_both_sides_work_on_no_more_days_than_either(a: Calendar, b: Calendar, first: date, length: int):
    last = first + timedelta(length)
    assert both(a, b) == both(b, a)
    assert both(a, b).count(first, last) <= min(a.count(first, last), b.count(first, last))
    assert both(a, b).is_workday(first) == (a.is_workday(first) and b.is_workday(first))
    assert both(a, a) == a


@unhurried
@given(calendars, dates, st.lists(spans, max_size=3))
def test_a_date_moved_before_the_quiet_weeks_is_not_in_them(
    cal: Calendar, day: date, closings: list[tuple[date, date]]
):
    quiet = Quiet(closings=tuple(closings))
    moved = before_quiet(day, cal, quiet)
    assert moved not in quiet
    assert moved == day or (moved < day and cal.is_workday(moved))

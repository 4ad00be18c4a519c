from datetime import date, time
from itertools import islice

import pytest

from kamflow.errors import ConfigError
from kamflow.schedules import SCHEDULES, Schedule, due_days, due_times

MONDAY, SUNDAY = date(2026, 9, 7), date(2026, 9, 13)


def flow(name: str) -> Schedule:
    return next(schedule for schedule in SCHEDULES if schedule.flow == name)


def times(schedule: Schedule, number: int) -> list[time]:
    return [at.time() for at in islice(due_times(schedule, MONDAY), number)]


def test_every_flow_has_one_schedule():
    flows = [schedule.flow for schedule in SCHEDULES]
    assert {"intake", "contact_shortfall", "plan_creation"} <= set(flows)
    assert len(flows) == len(set(flows))


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.flow)
def test_nothing_starts_while_the_clocks_may_change(schedule: Schedule):
    assert not [at for at in times(schedule, 100) if time(1) <= at <= time(3, 30)]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.flow)
def test_no_flow_starts_before_the_intake(schedule: Schedule):
    assert times(flow("intake"), 1) <= times(schedule, 1)


def test_a_nightly_flow_is_due_every_day_both_ends_included():
    assert due_days(flow("contact_shortfall"), MONDAY, SUNDAY) == [date(2026, 9, day) for day in range(7, 14)]


def test_a_nightly_flow_is_due_when_the_clocks_change():
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert due_days(flow("intake"), spring, spring) == [spring]
    assert due_days(flow("intake"), autumn, autumn) == [autumn]


def test_a_nightly_flow_is_due_on_the_leap_day():
    assert due_days(flow("intake"), date(2028, 2, 28), date(2028, 3, 1)) == [
        date(2028, 2, 28),
        date(2028, 2, 29),
        date(2028, 3, 1),
    ]


def test_a_weekday_flow_skips_the_weekend():
    assert due_days(Schedule("x", "0 5 * * 1-5"), date(2026, 9, 11), date(2026, 9, 14)) == [
        date(2026, 9, 11),
        date(2026, 9, 14),
    ]


def test_a_flow_on_the_first_of_the_quarter_is_due_four_times_a_year():
    found = due_days(Schedule("x", "0 5 1 1,4,7,10 *"), date(2026, 1, 1), date(2026, 12, 31))
    assert found == [date(2026, month, 1) for month in (1, 4, 7, 10)]


def test_several_times_on_one_day_are_one_due_day():
    assert due_days(Schedule("x", "*/15 * * * *"), MONDAY, MONDAY) == [MONDAY]


def test_midnight_belongs_to_the_day_it_begins():
    assert due_days(Schedule("x", "0 0 * * *"), MONDAY, MONDAY) == [MONDAY]


def test_no_day_is_due_when_the_range_is_empty_or_the_day_never_comes():
    assert due_days(flow("intake"), SUNDAY, MONDAY) == []
    assert due_days(Schedule("x", "0 5 31 2,4 1#5"), MONDAY, MONDAY) == []


@pytest.mark.parametrize("cron", ["", "0 5 * *", "61 5 * * *", "0 5 * * MOON", "0 5 30 2 *"])
def test_an_unreadable_cron_line_names_its_flow(cron: str):
    with pytest.raises(ConfigError, match="schedule of x: "):
        due_days(Schedule("x", cron), MONDAY, SUNDAY)

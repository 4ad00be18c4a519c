"""When an open nudge is worth telling, and why."""

from datetime import date
from typing import Any

import pytest

from kamflow.store.people import Member
from kamflow.store.tellings import Told
from notifications.cadence.reasons import worth
from tests.notifications.cast import MONDAY, POLICY, member, nudge, told

DUE = date(2026, 9, 10)  # a Thursday


def day(number: int) -> date:
    return date(2026, 9, number)


def reason(today: date, *tellings: Told, reader: Member | None = None, **more: Any) -> str | None:
    found = worth(nudge(told=tellings, due_on=DUE, **more), reader or member(), today, POLICY)
    return found and found.reason


def test_a_nudge_is_told_when_it_opens():
    assert reason(MONDAY) == "opened"


def test_it_is_not_told_again_before_its_due_date():
    assert [reason(day(n), told(MONDAY)) for n in (8, 9)] == [None, None]


def test_it_is_told_on_its_due_date():
    assert reason(DUE, told(MONDAY)) == "due"


def test_it_is_told_every_third_working_day_while_overdue():
    before = told(MONDAY), told(DUE, "due", 2)

    # Friday, Monday, then Tuesday is the third working day after Thursday.
    assert [reason(day(n), *before) for n in (11, 14, 15)] == [None, None, "overdue"]


def test_it_is_told_twice_at_most_while_overdue():
    once = told(MONDAY), told(DUE, "due", 2), told(day(15), "overdue", 3)
    twice = *once, told(day(18), "overdue", 4)

    assert reason(day(18), *once) == "overdue"
    assert reason(day(30), *twice) is None


def test_the_opening_on_the_due_date_counts_as_told_on_it():
    assert reason(day(11), told(DUE)) is None
    assert reason(day(15), told(DUE)) == "overdue"


def test_a_due_date_nobody_was_told_on_is_told_late_and_called_overdue():
    assert reason(day(14), told(MONDAY)) == "overdue"


def test_a_late_due_telling_leaves_both_reminders():
    late = told(MONDAY), told(day(14), "overdue", 2)

    assert reason(day(17), *late) == "overdue"
    assert reason(day(22), *late, told(day(17), "overdue", 3)) == "overdue"
    assert reason(day(25), *late, told(day(17), "overdue", 3), told(day(22), "overdue", 4)) is None


def test_a_due_date_on_a_saturday_is_told_on_monday_as_due():
    found = worth(nudge(due_on=day(12), told=(told(MONDAY),)), member(), day(14), POLICY)

    assert found is not None
    assert found.reason == "due"


def test_a_holiday_does_not_count_as_a_day_of_waiting():
    # 1 November (All Saints) is a Sunday in 2026; in 2027 it is a Monday, and a holiday in NW.
    friday = date(2027, 10, 29)
    open_since = {"due_on": friday, "opened_on": friday, "told": (told(friday, "due"),)}

    assert worth(nudge(**open_since), member(), date(2027, 11, 3), POLICY) is None
    assert worth(nudge(**open_since), member(region="BE"), date(2027, 11, 3), POLICY)


def test_part_time_counts_own_working_days_only():
    tuesdays_and_thursdays = member(weekdays="24")
    before = told(MONDAY), told(DUE, "due", 2)

    assert reason(day(17), *before, reader=tuesdays_and_thursdays) is None
    assert reason(day(22), *before, reader=tuesdays_and_thursdays) == "overdue"


def test_absence_stops_the_clock():
    away = member(absences=[(day(9), day(18))])

    # Due in the absence: on the first day back it is due, not overdue.
    assert reason(day(21), told(MONDAY), reader=away) == "due"


def test_a_new_stage_is_told():
    assert reason(day(8), told(MONDAY), stage="returned", staged_on=day(8)) == "stage"
    assert reason(day(9), told(MONDAY), told(day(8), "stage", 2, stage="returned"), stage="returned") is None


def test_a_stage_that_went_and_came_back_untold_is_not_told():
    assert reason(day(9), told(MONDAY, stage="work"), stage="work", staged_on=day(9)) is None


def test_a_snoozed_nudge_is_silent_until_its_day():
    snoozed = {"snoozed_until": day(9)}

    assert reason(day(8), told(MONDAY), **snoozed) is None
    assert reason(day(9), told(MONDAY), **snoozed) == "due"
    assert reason(day(9), told(MONDAY), told(day(9), "due", 2), **snoozed) is None


def test_a_snooze_past_the_due_date_ends_as_overdue_even_after_two_reminders():
    before = told(DUE, "due"), told(day(15), "overdue", 2), told(day(18), "overdue", 3)

    assert reason(day(24), *before, snoozed_until=day(24)) == "overdue"


def test_said_done_it_comes_back_and_says_so():
    quiet = {"quiet_until": day(14)}

    assert [reason(day(n), told(MONDAY), **quiet) for n in (8, 11, 14)] == [None, None, "back"]
    assert reason(day(15), told(MONDAY), told(day(14), "back", 2), **quiet) is None


def test_what_was_snoozed_before_it_was_ever_told_opens_then():
    assert reason(day(9), snoozed_until=day(9)) == "opened"


@pytest.mark.parametrize("how", ["lost", "unsent"])
def test_what_never_arrived_does_not_count_as_told(how: str):
    assert reason(day(8), told(MONDAY, **{how: True})) == "opened"


def test_what_failed_today_is_not_tried_again_today():
    assert reason(MONDAY, told(MONDAY, lost=True)) is None


def reminder(today: date, *tellings: Told, **more: Any) -> int:
    found = worth(nudge(told=tellings, due_on=DUE, **more), member(), today, POLICY)
    assert found is not None
    return found.reminder


def test_reminders_are_numbered_as_their_reader_sees_them():
    opened, due = told(MONDAY), told(DUE, "due", 2)

    assert [reminder(MONDAY), reminder(DUE, opened)] == [0, 0]
    assert reminder(day(15), opened, due) == 1
    assert reminder(day(18), opened, due, told(day(15), "overdue", 3)) == 2


@pytest.mark.parametrize("how", ["lost", "unsent"])
def test_a_reminder_that_never_arrived_has_no_number(how: str):
    before = told(MONDAY), told(DUE, "due", 2), told(day(15), "overdue", 3, **{how: True})

    assert reminder(day(16), *before) == 1


def test_reminders_of_an_earlier_due_date_do_not_count():
    assert reminder(day(15), told(day(3), "overdue", 1), told(DUE, "due", 2)) == 1


def test_tellings_are_counted_per_person():
    found = worth(nudge(told=(told(MONDAY, person=99), told(MONDAY))), member(), DUE, POLICY)
    moved = worth(nudge(due_on=DUE, told=(told(MONDAY, person=99), told(MONDAY))), member(), DUE, POLICY)

    assert found is None
    assert moved is not None
    assert moved.number == 2

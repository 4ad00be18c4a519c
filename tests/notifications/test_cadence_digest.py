"""When a digest comes, and what is in it."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from kamflow.store.people import Member
from tests.notifications.cast import ANNA, BEN, MONDAY, announced, at, member, nudge, said, told

DAY = timedelta(days=1)
FRIDAY = date(2026, 9, 4)


def occasions(
    *days: date, reader: Member | None = None, last: Mapping[int, date] | None = None, **more: Any
) -> list[str | None]:
    """The occasion of the digest at 08:30 of each day, None where there is none."""
    found = [announced([nudge(**more)], at(day), reader or member(), last=last) for day in days]
    return [each[0].occasion if each else None for each in found]


def test_the_digest_comes_at_half_past_eight():
    assert announced([nudge()], at(MONDAY, "08:29")) == []
    assert [each.key for each in announced([nudge()], at(MONDAY, "08:30"))] == ["digest:1:2026-09-07"]


def test_a_late_start_still_sends_it_that_day_but_not_in_the_evening():
    assert len(announced([nudge()], at(MONDAY, "17:59"))) == 1
    assert announced([nudge()], at(MONDAY, "18:00")) == []


def test_there_are_never_two_digests_a_day():
    new = nudge(opened_on=MONDAY)

    assert announced([new], at(MONDAY, "11:00"), last={ANNA: MONDAY}) == []


def test_without_anything_new_there_is_no_digest():
    assert announced([nudge(told=(told(FRIDAY),))], at(MONDAY)) == []


def test_nothing_comes_on_a_weekend_a_holiday_or_a_day_off():
    saturday, all_saints, friday = date(2026, 9, 12), date(2027, 11, 1), date(2026, 9, 11)

    assert occasions(saturday, all_saints) == [None, None]
    assert occasions(friday, reader=member(weekdays="1234")) == [None]


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", date(2026, 3, 6)),  # the Friday before summer time there
        ("America/New_York", date(2026, 3, 9)),  # the Monday after: Berlin is one hour closer
        ("Europe/Berlin", date(2026, 3, 27)),
        ("Europe/Berlin", date(2026, 3, 30)),
        ("Europe/Berlin", date(2026, 10, 26)),
    ],
)
def test_it_is_half_past_eight_where_the_person_is_whatever_the_season(zone: str, day: date):
    reader = member(zone=zone, region=None)
    due = at(day, "08:30", zone)

    assert announced([nudge(opened_on=day)], due - timedelta(minutes=1), reader) == []
    assert len(announced([nudge(opened_on=day)], due, reader)) == 1


def test_at_most_seven_items_the_heaviest_first_and_the_rest_counted():
    found = announced([nudge(n, weight=n) for n in range(1, 11)], at(MONDAY))

    assert said(found) == [(n, "opened") for n in (10, 9, 8, 7, 6, 5, 4)]
    assert found[0].more == 3


def test_the_rest_competes_again_the_next_day():
    listed = [nudge(n, weight=n, told=(told(MONDAY),)) for n in range(4, 11)]
    waiting = [nudge(n, weight=n) for n in (1, 2, 3)]

    found = announced([*waiting, *listed], at(MONDAY + DAY), last={ANNA: MONDAY})

    assert said(found) == [(3, "opened"), (2, "opened"), (1, "opened")]
    assert (found[0].occasion, found[0].more) == ("daily", 7)


def test_a_group_is_one_item_and_shows_what_is_not_told_anew():
    plans = [
        nudge(1, item="plans", told=(told(FRIDAY),)),
        nudge(2, item="plans"),
        nudge(3, item="plans", snoozed_until=date(2026, 10, 1)),
    ]

    found = announced(plans, at(MONDAY), last={ANNA: FRIDAY})[0]

    assert [[(line.nudge, line.along) for line in item] for item in found.items] == [[(1, True), (2, False)]]
    assert [line.nudge for line in found.told] == [2]
    assert found.more == 0


def test_after_a_hand_over_the_new_person_is_told_and_the_old_one_is_not():
    handed = nudge(responsible=BEN, told=(told(FRIDAY, person=ANNA),))

    found = announced([handed], at(MONDAY), member(ANNA), member(BEN))

    assert [(each.person, said([each])) for each in found] == [(BEN, [(1, "opened")])]


def test_who_left_is_not_told():
    assert occasions(MONDAY, reader=member(left_on=FRIDAY)) == [None]
    assert occasions(MONDAY, reader=member(left_on=MONDAY)) == ["daily"]


# --- rhythm -----------------------------------------------------------------------------------------


def test_a_weekly_digest_comes_on_monday():
    days = [FRIDAY, MONDAY, MONDAY + DAY]

    assert occasions(*days, reader=member(digest="monday"), opened_on=date(2026, 9, 3)) == [
        None,
        "daily",
        "catch-up",
    ]


def test_what_comes_up_after_monday_waits_a_week():
    tuesday = MONDAY + DAY

    assert occasions(tuesday, MONDAY + 7 * DAY, reader=member(digest="monday"), opened_on=tuesday) == [
        None,
        "daily",
    ]


def test_a_holiday_on_monday_moves_it_to_tuesday():
    easter_monday = date(2027, 3, 29)

    assert occasions(
        easter_monday, easter_monday + DAY, reader=member(digest="monday"), opened_on=easter_monday + DAY
    ) == [None, "daily"]


def test_a_monthly_digest_comes_on_the_first_tuesday():
    reader = member(digest="first-tuesday")
    days = [date(2026, 9, 29), date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 13)]
    opened = date(2026, 9, 10)

    assert occasions(*days[:3], reader=reader, last={ANNA: date(2026, 9, 1)}, opened_on=opened) == [
        None,
        None,
        "daily",
    ]
    assert occasions(days[3], reader=reader, last={ANNA: date(2026, 10, 6)}, opened_on=opened) == [None]


def test_the_first_tuesday_may_be_the_first_or_the_seventh_of_a_month():
    reader = member(digest="first-tuesday")

    assert occasions(date(2026, 9, 1), reader=reader, opened_on=date(2026, 8, 20)) == ["daily"]
    assert occasions(date(2026, 7, 7), reader=reader, opened_on=date(2026, 6, 20)) == ["daily"]


def test_who_wants_no_digest_gets_none():
    assert occasions(MONDAY, reader=member(digest="none")) == [None]


# --- downtime, absence, quiet weeks -----------------------------------------------------------------


def test_after_downtime_one_digest_catches_up():
    wednesday = MONDAY + 2 * DAY
    missed = [nudge(1), nudge(2, opened_on=MONDAY + DAY)]

    found = announced(missed, at(wednesday), last={ANNA: FRIDAY})

    assert [each.occasion for each in found] == ["catch-up"]
    assert len(said(found)) == 2


def test_what_opens_on_a_weekend_is_no_catch_up():
    assert occasions(MONDAY, opened_on=date(2026, 9, 6), last={ANNA: date(2026, 9, 3)}) == ["daily"]


def test_after_an_absence_the_digest_comes_on_the_second_day_back():
    # Away on Monday and Tuesday, back on Wednesday.
    away = member(absences=[(MONDAY, MONDAY + DAY)])
    days = [MONDAY + n * DAY for n in range(4)]

    assert occasions(*days, reader=away, last={ANNA: FRIDAY}) == [None, None, None, "return"]


def test_the_second_day_back_of_a_part_timer_is_their_own_working_day():
    away = member(weekdays="14", absences=[(MONDAY, MONDAY + DAY)])  # Mondays and Thursdays
    days = [date(2026, 9, 10), date(2026, 9, 11), date(2026, 9, 14)]

    assert occasions(*days, reader=away, last={ANNA: FRIDAY}) == [None, None, "return"]


def test_an_absence_on_days_off_changes_nothing():
    away = member(absences=[(date(2026, 9, 5), date(2026, 9, 6))])

    assert occasions(MONDAY, reader=away, last={ANNA: FRIDAY}) == ["daily"]


def test_a_weekly_digest_missed_by_absence_comes_on_the_second_day_back():
    away = member(digest="monday", absences=[(FRIDAY, MONDAY + DAY)])
    days = [MONDAY + n * DAY for n in range(4)]

    assert occasions(*days, reader=away, opened_on=FRIDAY) == [None, None, None, "return"]


def test_quiet_weeks_have_no_digest():
    days = [date(2026, 12, 18), date(2026, 12, 21), date(2027, 1, 5), date(2027, 1, 7)]

    assert occasions(*days, opened_on=date(2026, 12, 18)) == ["daily", None, None, "daily"]


def test_a_monthly_digest_inside_the_quiet_weeks_comes_after_them():
    days = [date(2027, 1, 5), date(2027, 1, 7)]

    assert occasions(*days, reader=member(digest="first-tuesday"), opened_on=date(2026, 12, 22)) == [
        None,
        "daily",
    ]

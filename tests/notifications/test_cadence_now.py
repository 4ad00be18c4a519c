"""What cannot wait: at once, within office hours, and to a stand-in while the person is away."""

from datetime import date, datetime, timedelta
from typing import Any

from kamflow.store.people import Member
from tests.notifications.cast import ANNA, BEN, CLARA, HEAD, MONDAY, announced, at, member, nudge, said, told

DAY = timedelta(days=1)
AWAY = [(MONDAY, MONDAY + 4 * DAY)]


def urgent(**more: Any):
    return nudge(7, urgency="now", **more)


def heard(now: datetime, *members: Member, **more: Any):
    """(who, in place of whom, reason)"""
    found = announced([urgent(**more)], now, *members)
    return [(each.person, line.for_person, line.reason) for each in found for line in each.told]


def test_urgent_things_go_at_once_in_a_message_of_their_own():
    found = announced([urgent()], at(MONDAY, "14:05"), last={ANNA: MONDAY})

    assert [(each.key, each.template, each.occasion) for each in found] == [("now:7:1:1", "now", "now")]


def test_they_wait_for_office_hours():
    assert [heard(at(MONDAY, clock)) != [] for clock in ("07:59", "08:00", "17:59", "18:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_they_wait_for_a_working_day():
    sunday, friday = date(2026, 9, 6), date(2026, 9, 11)

    assert heard(at(sunday, "10:00"), opened_on=sunday) == []
    assert heard(at(friday, "10:00"), member(weekdays="1234")) == []


def test_they_come_even_in_quiet_weeks_and_on_the_first_day_back():
    quiet = date(2026, 12, 22)
    back = member(absences=[(date(2026, 9, 3), date(2026, 9, 4))])

    assert heard(at(quiet, "10:00"), opened_on=quiet) == [(ANNA, None, "opened")]
    assert heard(at(MONDAY, "10:00"), back) == [(ANNA, None, "opened")]


def test_they_come_to_who_wants_no_digest():
    assert heard(at(MONDAY, "10:00"), member(digest="none")) == [(ANNA, None, "opened")]


def test_they_are_not_repeated_until_they_are_due():
    assert heard(at(MONDAY, "10:00"), told=(told(MONDAY),)) == []
    assert heard(at(date(2026, 9, 21)), told=(told(MONDAY),)) == [(ANNA, None, "due")]


def test_a_new_stage_is_told_the_same_day():
    assert heard(at(MONDAY, "15:00"), told=(told(MONDAY),), stage="moved") == [(ANNA, None, "stage")]


def test_the_digest_does_not_tell_them_again_but_counts_them():
    both = [urgent(told=(told(MONDAY),)), nudge(1)]

    found = announced(both, at(MONDAY))

    assert said(found) == [(1, "opened")]
    assert found[0].more == 1


# --- absence ----------------------------------------------------------------------------------------


def test_while_somebody_is_away_the_deputy_is_told_in_their_name():
    assert heard(at(MONDAY, "10:00"), member(absences=AWAY, deputy=BEN), member(BEN)) == [
        (BEN, ANNA, "opened")
    ]


def test_what_can_wait_does_not_go_to_the_deputy():
    found = announced([nudge()], at(MONDAY), member(absences=AWAY, deputy=BEN), member(BEN))

    assert found == []


def test_with_the_deputy_away_too_it_goes_to_the_deputys_deputy():
    members = member(absences=AWAY, deputy=BEN), member(BEN, absences=AWAY, deputy=CLARA), member(CLARA)

    assert heard(at(MONDAY, "10:00"), *members) == [(CLARA, ANNA, "opened")]


def test_with_both_deputies_away_it_goes_to_the_head():
    members = (
        member(absences=AWAY, deputy=BEN),
        member(BEN, absences=AWAY, deputy=CLARA),
        member(CLARA, absences=AWAY),
        member(HEAD, roles=frozenset({"head"})),
    )

    assert heard(at(MONDAY, "10:00"), *members) == [(HEAD, ANNA, "opened")]


def test_the_head_above_the_person_comes_before_other_heads():
    other, own = member(BEN, roles=frozenset({"head"})), member(HEAD, roles=frozenset({"head"}))

    assert heard(at(MONDAY, "10:00"), member(absences=AWAY, superior=HEAD), other, own) == [
        (HEAD, ANNA, "opened")
    ]


def test_deputies_of_each_other_do_not_go_round_in_circles():
    members = member(absences=AWAY, deputy=BEN), member(BEN, absences=AWAY, deputy=ANNA)

    assert heard(at(MONDAY, "10:00"), *members) == []


def test_the_deputys_own_office_hours_count():
    members = member(absences=AWAY, deputy=BEN), member(BEN, zone="America/New_York", region=None)

    # 10:00 in Berlin is 04:00 in New York.
    assert heard(at(MONDAY + DAY, "10:00"), *members) == []
    assert heard(at(MONDAY + DAY, "14:00"), *members) == [(BEN, ANNA, "opened")]


def test_only_one_stand_in_is_told():
    members = member(absences=AWAY, deputy=BEN), member(BEN, deputy=CLARA, weekdays="1"), member(CLARA)
    by_ben = told(MONDAY, person=BEN)

    assert heard(at(MONDAY + DAY, "10:00"), *members, told=(by_ben,)) == []


def test_with_the_told_stand_in_away_too_what_is_new_goes_on_to_the_next():
    members = (
        member(absences=AWAY, deputy=BEN),
        member(BEN, absences=[(MONDAY + DAY, MONDAY + 3 * DAY)], deputy=CLARA),
        member(CLARA),
    )
    changed = {"staged_on": MONDAY + DAY, "stage": "detractor", "told": (told(MONDAY, person=BEN),)}

    assert heard(at(MONDAY + DAY, "10:00"), *members, **changed) == [(CLARA, ANNA, "opened")]


def test_what_never_reached_the_stand_in_does_not_bind_it_to_them():
    away_too = member(BEN, absences=AWAY, deputy=CLARA)
    lost = told(MONDAY, person=BEN, lost=True)

    assert heard(
        at(MONDAY + DAY, "10:00"), member(absences=AWAY, deputy=BEN), away_too, member(CLARA), told=(lost,)
    ) == [(CLARA, ANNA, "opened")]


def test_a_sponsor_does_not_stand_in_for_a_kam():
    members = member(absences=AWAY, deputy=BEN), member(BEN, roles=frozenset({"sponsor"}), deputy=CLARA)

    assert heard(at(MONDAY, "10:00"), *members, member(CLARA)) == [(CLARA, ANNA, "opened")]


def test_a_stand_in_is_never_told_that_something_is_overdue():
    before = {"due_on": MONDAY - 3 * DAY, "told": (told(MONDAY - 3 * DAY, person=BEN),)}

    assert (
        heard(at(MONDAY + 4 * DAY, "10:00"), member(absences=AWAY, deputy=BEN), member(BEN), **before) == []
    )


def test_back_again_the_person_is_told_too():
    back = MONDAY + 7 * DAY

    assert heard(
        at(back, "10:00"), member(absences=AWAY, deputy=BEN), member(BEN), told=(told(MONDAY, person=BEN),)
    ) == [(ANNA, None, "opened")]


def test_who_left_is_stood_in_for():
    gone = member(left_on=MONDAY - DAY, deputy=BEN)

    assert heard(at(MONDAY, "10:00"), gone, member(BEN)) == [(BEN, ANNA, "opened")]

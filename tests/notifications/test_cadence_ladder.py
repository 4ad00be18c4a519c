"""Who else is told of what stays open: rule by rule, and what holds the ladder."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.policy import Policy
from kamflow.store.people import Member
from kamflow.store.tellings import LastDigest, OpenNudge, Told
from notifications.cadence.decide import decide
from notifications.cadence.ladder import steps
from tests.notifications.cast import ANNA, BEN, CLARA, HEAD, POLICY, QUIET, at, member, nudge, people

DAY = timedelta(days=1)
OPENED = date(2026, 9, 1)  # a Tuesday
DUE = date(2026, 9, 7)  # a Monday
TEAM = (
    member(ANNA, superior=HEAD),
    member(BEN),
    member(CLARA, leads=True),
    member(HEAD, roles=frozenset({"head"})),
)
TEN = {"next": "head", "next_after": 10}
LEAD = {"next": "lead", "next_after": -2, "then": "head", "then_after": 1}


def item(**more: Any) -> OpenNudge:
    said = {"owner": ANNA, "opened_on": OPENED, "due_on": DUE, "why": TEN, "rule": "plan_creation"}
    return nudge(**(said | more))


def climbed(
    open_nudge: OpenNudge, team: Iterable[Member] = TEAM, days: int = 45, missed: Iterable[date] = ()
) -> list[tuple[str, int]]:
    """(day, person) of each step while every morning is told, but for those missed."""
    everybody, last, found = people(*team), dict[int, LastDigest](), list[tuple[str, int]]()
    for day in (OPENED + n * DAY for n in range(days)):
        if day in set(missed):
            continue
        for said in decide([open_nudge], everybody, last, at(day), POLICY, QUIET):
            last[said.person] = LastDigest(day, day)
            for line in said.told:
                told = Told(said.person, line.number, line.reason, line.stage, day)
                open_nudge = replace(open_nudge, told=(*open_nudge.told, told))
                found += [(day.strftime("%d %b"), said.person)] if line.reason == "ladder" else []
    return found


# --- rule by rule -----------------------------------------------------------------------------------

RULES = Policy()


@pytest.mark.parametrize(
    ("rule", "why", "expected"),
    [
        ("contact_shortfall", {"next": "nobody"}, []),
        ("plan_creation", {"next": "head", "next_after": RULES.plan_creation.head_after}, [("21 Sep", HEAD)]),
        (
            "measure_followup",
            {"next": "head", "next_after": RULES.measure_followup.head_after},
            [("21 Sep", HEAD)],
        ),
        (
            "quarterly_controlling",
            {"next": "head", "next_after": RULES.quarterly_controlling.head_after},
            [("21 Sep", HEAD)],
        ),
        (
            "annual_meeting",
            {"next": "head", "next_after": RULES.annual_meeting.head_after},
            [("09 Sep", HEAD)],
        ),
        (
            "survey_dispatch",
            {"next": "head", "next_after": RULES.survey_dispatch.head_after},
            [("09 Sep", HEAD)],
        ),
        ("department_requests", LEAD, [("03 Sep", CLARA), ("08 Sep", HEAD)]),
    ],
)
def test_each_step_is_told_once_on_its_working_day(
    rule: str, why: dict[str, Any], expected: list[tuple[str, int]]
):
    # Due on Monday, 7 September. Thursday, 3 September, is two working days before.
    assert climbed(item(rule=rule, why=why, lead=CLARA)) == expected


def test_a_nudge_without_steps_has_no_ladder():
    assert steps({}) == ()
    assert steps({"next": "head"}) == ()
    assert [step.to for step in steps(LEAD)] == ["lead", "head"]


# --- what holds it ----------------------------------------------------------------------------------


def test_absence_stops_the_clock():
    # Ten working days after 7 September, of which five are off.
    away = (anna_away(date(2026, 9, 14), date(2026, 9, 18)), *TEAM[1:])

    assert climbed(item(), away) == [("28 Sep", HEAD)]


def test_what_falls_due_while_away_is_due_on_the_first_day_back():
    away = (anna_away(date(2026, 9, 4), date(2026, 9, 11)), *TEAM[1:])

    assert climbed(item(why=TEN | {"next_after": 2}), away) == [("16 Sep", HEAD)]


def test_nothing_climbs_while_the_person_is_away():
    # The head was away too on the day on which it climbed; when they come back, Anna is not there.
    away = anna_away(date(2026, 9, 22), date(2026, 10, 2))
    head = member(HEAD, roles=frozenset({"head"}), absences=[(date(2026, 9, 21), date(2026, 9, 22))])

    assert climbed(item(), (away, *TEAM[1:3], head)) == [("05 Oct", HEAD)]


def test_part_time_counts_own_working_days():
    tuesdays = member(ANNA, superior=HEAD, weekdays="24")

    # Due Monday, so on Tuesday, 8 September; ten of her days later it is Tuesday, 13 October.
    assert climbed(item(), (tuesdays, *TEAM[1:])) == [("13 Oct", HEAD)]


def test_a_snooze_stops_it_until_its_day():
    soon = {"why": TEN | {"next_after": 2}, "told": (Told(ANNA, 1, "opened", "", OPENED),)}

    assert climbed(item(**soon, snoozed_until=date(2026, 9, 16))) == [("16 Sep", HEAD)]


def test_said_done_again_and_again_it_climbs_at_the_limit_of_a_snooze():
    soon = {"why": TEN | {"next_after": 2}, "told": (Told(ANNA, 1, "opened", "", OPENED),)}

    assert climbed(item(**soon, quiet_until=date(2026, 10, 8)), days=40) == [("21 Sep", HEAD)]


def test_who_is_asked_hears_of_it_first():
    down = [OPENED + n * DAY for n in range(35)]

    # After five weeks without kamflow: Anna on 6 October, the head on the day after.
    assert climbed(item(), missed=down) == [("07 Oct", HEAD)]


def test_after_a_hand_over_the_new_person_has_heard_through_the_first():
    handed = item(responsible=BEN, told=(Told(ANNA, 1, "opened", "", OPENED),))

    assert climbed(handed) == [("21 Sep", HEAD)]


def test_after_an_account_was_handed_over_its_new_kam_hears_first():
    before = Told(ANNA, 1, "opened", "", OPENED)
    taken_over = item(owner=BEN, responsible=BEN, told=(before,))

    # Ben is told on the first morning; the clock of the customer goes on.
    assert climbed(taken_over, missed=[OPENED + n * DAY for n in range(30)]) == [("02 Oct", HEAD)]


# --- to whom ----------------------------------------------------------------------------------------


def test_the_nearest_head_above_is_told():
    upper = member(5, roles=frozenset({"head"}))
    middle = member(6, roles=frozenset({"head"}), superior=5)
    team = (member(ANNA, superior=BEN), member(BEN, superior=6), upper, middle)

    assert climbed(item(), team) == [("21 Sep", 6)]


def test_of_a_specialists_item_the_head_of_the_kam_is_told():
    other = member(5, roles=frozenset({"head"}))
    kam = member(6, superior=5)

    assert climbed(item(owner=BEN, responsible=BEN, kam=6), (*TEAM, other, kam)) == [("21 Sep", 5)]


def test_a_head_climbs_to_their_own_head_only():
    assert climbed(item(owner=HEAD, responsible=HEAD)) == []
    above = member(HEAD, roles=frozenset({"head"}), superior=5)
    assert climbed(item(owner=HEAD, responsible=HEAD), (above, member(5, roles=frozenset({"head"})))) == [
        ("21 Sep", 5)
    ]


def test_a_sponsor_and_who_left_are_never_told():
    sponsor = member(CLARA, leads=True, roles=frozenset({"sponsor"}))
    gone = member(HEAD, roles=frozenset({"head"}), left_on=OPENED)

    assert climbed(item(why=LEAD, lead=CLARA), (*TEAM[:2], sponsor, gone)) == []


def test_what_the_lead_is_asked_themselves_goes_to_the_head_only():
    assert climbed(item(why=LEAD, lead=CLARA, owner=CLARA, responsible=CLARA)) == [("08 Sep", HEAD)]


# --- in the digest ----------------------------------------------------------------------------------


def test_customers_of_several_people_are_one_item_and_the_heaviest_comes_first():
    heard = (Told(ANNA, 1, "opened", "", OPENED), Told(BEN, 1, "opened", "", OPENED))
    rows = [
        item(number=1, told=heard, weight=30.0),
        item(number=2, told=heard, owner=BEN, responsible=BEN, weight=60.0),
        item(number=3, told=heard, rule="measure_followup", weight=45.0),
    ]
    own = nudge(4, responsible=HEAD, opened_on=date(2026, 9, 21), weight=50.0)

    said = decide([*rows, own], people(*TEAM), {}, at(date(2026, 9, 21)), POLICY, QUIET)
    [found] = [each for each in said if each.person == HEAD]

    assert [[line.nudge for line in listed] for listed in found.items] == [[1, 2], [4], [3]]
    assert [line.overdue for line in found.items[0]] == [10, 10]
    assert found.more == 0


def test_a_step_that_never_arrived_is_told_again():
    lost = Told(HEAD, 1, "ladder", "", date(2026, 9, 21), lost=True)
    sent = replace(lost, lost=False)
    heard = Told(ANNA, 1, "opened", "", OPENED)

    def said(step: Told) -> list[int]:
        found = decide([item(told=(heard, step))], people(*TEAM), {}, at(date(2026, 9, 22)), POLICY, QUIET)
        return [each.person for each in found if each.person == HEAD]

    assert said(lost) == [HEAD]
    assert said(sent) == []


@given(
    st.integers(-5, 15),
    st.lists(st.integers(0, 44), max_size=30),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=2),
)
def test_whatever_happens_a_step_is_told_once_at_most(
    after: int, missed: list[int], away: list[tuple[int, int]]
):
    spans = [(OPENED + n * DAY, OPENED + (n + length) * DAY) for n, length in away]
    anna = member(ANNA, superior=HEAD, absences=spans)
    days = [OPENED + n * DAY for n in missed]

    found = climbed(item(why=TEN | {"next_after": after}), (anna, *TEAM[1:]), missed=days)

    assert len(found) <= 1


def anna_away(first: date, last: date) -> Member:
    return member(ANNA, superior=HEAD, absences=[(first, last)])


def test_who_is_both_lead_and_head_hears_of_the_later_step_only_where_both_came_at_once():
    boss = member(HEAD, roles=frozenset({"head"}), leads=True)
    late = item(why=LEAD, lead=HEAD, opened_on=DUE + 7 * DAY, rule="department_requests")
    team = (member(ANNA, superior=HEAD), boss)

    assert [person for _, person in climbed(late, team)] == [HEAD]


def test_who_is_both_lead_and_head_hears_of_each_step_on_its_day():
    boss = member(HEAD, roles=frozenset({"head"}), leads=True)

    told = climbed(item(why=LEAD, lead=HEAD, rule="department_requests"), (member(ANNA, superior=HEAD), boss))

    assert [person for _, person in told] == [HEAD, HEAD]

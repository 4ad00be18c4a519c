"""Worked examples for account plans. Monday to Friday, no holidays; the fiscal year is the calendar year."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kamflow.figures.plan_progress import Plan, PlanFacts, missing, steps_done
from kamflow.nudge import Decision
from kamflow.periods import Period, fiscal_year
from kamflow.policy import Policy
from kamflow.rules.plan_creation import decide, silent
from kamflow.workdays import Calendar, Quiet, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
Y2027 = Period(date(2027, 1, 1), date(2027, 12, 31))
POLICY = Policy()


def fact(account: int = 17, **more: Any) -> PlanFacts:
    base = PlanFacts(
        account=account, year=Y2027, form="key", kam=4, approver=2, calendar=WEEK,
        approver_calendar=WEEK, quiet=Quiet(),
    )  # fmt: skip
    return replace(base, **more)


def plan(state: str = "draft", **more: Any) -> Plan:
    # 88 working days from 1 July to 30 October: a step is 12.57 days, the steps end on days 13, 25, 38 …
    steps = {
        1: date(2026, 7, 17), 2: date(2026, 8, 4), 3: date(2026, 8, 21), 4: date(2026, 9, 8),
        5: date(2026, 9, 25), 6: date(2026, 10, 13), 7: date(2026, 10, 30),
    }  # fmt: skip
    return replace(Plan(state, date(2026, 10, 30), steps), **more)


def on(day: date, *facts: PlanFacts) -> Decision:
    return decide(facts, day, POLICY)


def steps(decision: Decision) -> list[tuple[str, str, date, date]]:
    return [(n.step, n.stage, n.since, n.due_on) for n in decision.nudges]


def why_silent(day: date, *facts: PlanFacts) -> list[tuple[str, date | None]]:
    return [(each.reason, each.until) for each in silent(facts, day, POLICY)]


def test_planning_starts_on_1_july_with_a_draft_and_a_hand_in_before_the_budget() -> None:
    assert why_silent(date(2026, 6, 30), fact()) == [("not_started", date(2026, 7, 1))]

    decision = on(date(2026, 7, 1), fact())

    # 31 October 2026 is a Saturday.
    assert steps(decision) == [("hand_in", "work", date(2026, 7, 1), date(2026, 10, 30))]
    effect, entry = decision.effects
    assert (entry.name, entry.step, entry.facts["day"]) == ("calendar", "hand_in", "2026-10-30")
    assert effect.key == "create_plan:account.17:2027-01-01..2027-12-31:draft"
    assert effect.facts["sections"] == list(range(1, 11))
    assert effect.facts["milestones"] == {
        str(step): day.isoformat() for step, day in plan().milestones.items()
    }


def test_the_short_form_has_five_categories() -> None:
    effect = on(date(2026, 7, 1), fact(form="short")).effects[0]

    assert effect.facts["sections"] == [1, 3, 5, 8, 9]


def test_a_meeting_brings_the_hand_in_forward_by_twenty_working_days() -> None:
    [nudge] = on(date(2026, 7, 1), fact(meeting=date(2026, 11, 10))).nudges

    assert (nudge.due_on, nudge.facts["limit"]) == (date(2026, 10, 13), "meeting")


def test_a_meeting_too_soon_after_the_start_does_not_count() -> None:
    # 22 September is the 60th working day after 30 June, 21 September the 59th.
    assert on(date(2026, 7, 1), fact(meeting=date(2026, 9, 21))).nudges[0].facts["limit"] == "budget"
    assert on(date(2026, 7, 1), fact(meeting=date(2026, 9, 22))).nudges[0].facts["limit"] == "meeting"


def test_seven_plans_of_one_kam_step_back_a_week_each_the_heaviest_first() -> None:
    facts = [fact(account, heaviness=float(account)) for account in range(1, 8)]

    due = {n.account: n.due_on for n in on(date(2026, 9, 18), *facts).nudges if n.step == "hand_in"}

    fridays = [date(2026, 9, 18), date(2026, 9, 25), date(2026, 10, 2), date(2026, 10, 9)]
    fridays += [date(2026, 10, 16), date(2026, 10, 23), date(2026, 10, 30)]
    assert [due[account] for account in (7, 6, 5, 4, 3, 2, 1)] == fridays


def test_dates_that_are_fixed_stay_when_another_account_comes_later() -> None:
    fixed = fact(1, heaviness=1.0, plan=plan())
    newcomer = fact(2, heaviness=9.0)

    due = {n.account: n.due_on for n in on(date(2026, 7, 20), fixed, newcomer).nudges}

    assert due == {1: date(2026, 10, 30), 2: date(2026, 10, 23)}


def test_the_asked_persons_absence_moves_the_hand_in_forward() -> None:
    away = with_absences(WEEK, [(date(2026, 10, 19), date(2026, 10, 31))])

    assert on(date(2026, 7, 1), fact(calendar=away)).nudges[0].due_on == date(2026, 10, 16)


def test_no_hand_in_falls_into_quiet_weeks() -> None:
    # The year starts in March, so the budget date is 29 December.
    year = fiscal_year(date(2027, 3, 1), 3)

    assert on(date(2026, 10, 1), fact(year=year)).nudges[0].due_on == date(2026, 12, 18)


def test_a_year_that_starts_in_october_is_planned_from_31_march() -> None:
    year = fiscal_year(date(2026, 10, 1), 10)

    assert why_silent(date(2026, 3, 30), fact(year=year)) == [("not_started", date(2026, 3, 31))]
    assert on(date(2026, 3, 31), fact(year=year)).nudges[0].due_on == date(2026, 7, 31)


@pytest.mark.parametrize(
    ("day", "filled", "told"),
    [
        (date(2026, 8, 20), set(), ["hand_in"]),
        (date(2026, 8, 21), set(), ["hand_in", "position"]),
        (date(2026, 8, 21), {4, 5}, ["hand_in"]),
        (date(2026, 9, 25), set(), ["hand_in", "position", "measures"]),
        (date(2026, 9, 25), {4, 5, 9}, ["hand_in"]),
    ],
)
def test_position_and_measures_are_told_while_their_turn_has_come(
    day: date, filled: set[int], told: list[str]
) -> None:
    decision = on(day, fact(plan=plan(filled=frozenset(filled))))

    assert [nudge.step for nudge in decision.nudges] == told


def test_a_step_is_done_by_word_too() -> None:
    decision = on(date(2026, 8, 21), fact(plan=plan(steps_by_word=frozenset({4}))))

    assert [nudge.step for nudge in decision.nudges] == ["hand_in"]


def test_what_is_missing_is_named_in_writing_order_the_summary_last() -> None:
    [nudge] = on(date(2026, 7, 20), fact(plan=plan(filled=frozenset({2, 7}), questions=(5,)))).nudges

    assert nudge.facts["missing"] == [3, 6, 4, 5, 8, 9, 10, 1]
    assert (nudge.facts["steps_done"], nudge.facts["step"], nudge.facts["questions"]) == ([2], 1, [5])


def test_in_the_short_form_a_step_without_a_category_is_done_with_the_next_one() -> None:
    short = frozenset({1, 3, 5, 8, 9})

    assert steps_done(frozenset({3}), frozenset(), short) == (1,)
    assert steps_done(frozenset({3, 5}), frozenset(), short) == (1, 2, 3, 4)
    assert missing(frozenset({3, 5}), short) == (8, 9, 1)


def test_a_submitted_plan_waits_for_its_approver_for_ten_working_days() -> None:
    submitted = fact(plan=plan("submitted", submitted_on=date(2026, 10, 26)))

    [nudge] = on(date(2026, 10, 27), submitted).nudges

    assert (nudge.step, nudge.owner) == ("approve", 2)
    assert (nudge.since, nudge.due_on) == (date(2026, 10, 26), date(2026, 11, 9))


def test_a_returned_plan_goes_back_to_its_author_with_two_weeks_to_mend_it() -> None:
    returned = fact(plan=plan("returned", decided_on=date(2026, 10, 28)))

    nudge = on(date(2026, 10, 29), returned).nudges[0]

    assert (nudge.step, nudge.stage, nudge.since) == ("hand_in", "returned", date(2026, 10, 28))
    assert nudge.due_on == date(2026, 11, 11)


@pytest.mark.parametrize(
    ("more", "day", "reason"),
    [
        ({"form": None}, date(2026, 8, 3), "no_plan_for_class"),
        ({"kam": None}, date(2026, 8, 3), "no_kam"),
        ({"plan": plan("approved")}, date(2026, 11, 3), "approved"),
        ({"plan": plan("submitted"), "approver": None}, date(2026, 11, 3), "no_approver"),
        ({}, date(2027, 4, 1), "year_begun"),
        ({"plan": plan()}, date(2028, 1, 1), "lapsed"),
    ],
)
def test_a_silent_plan_says_why(more: dict[str, Any], day: date, reason: str) -> None:
    facts = fact(**more)

    assert on(day, facts) == Decision()
    assert why_silent(day, facts) == [(reason, None)]


def test_several_plans_of_one_person_are_one_item() -> None:
    decision = on(date(2026, 7, 6), fact(1), fact(2), fact(3, kam=5))

    assert [n.group for n in decision.nudges] == [
        "plan_creation:person.4", "plan_creation:person.4", "plan_creation:person.5",
    ]  # fmt: skip


def test_an_absence_entered_after_a_date_was_fixed_makes_it_due_on_the_first_day_back() -> None:
    away = with_absences(WEEK, [(date(2026, 10, 5), date(2026, 11, 6))])

    [hand_in, *_] = on(date(2026, 10, 5), fact(plan=plan(), calendar=away)).nudges

    assert hand_in.due_on == date(2026, 11, 9)


def test_who_is_away_all_the_time_gets_a_date_after_the_start_and_not_before_it() -> None:
    away = with_absences(WEEK, [(date(2026, 1, 1), date(2027, 1, 10))])

    effect = on(date(2026, 7, 1), fact(calendar=away)).effects[0]

    assert effect.facts["hand_in"] == "2026-10-30"


def test_an_approver_who_leaves_soon_still_has_a_date() -> None:
    leaving = with_absences(WEEK, [(date(2026, 9, 19), date(2056, 1, 1))])
    submitted = fact(plan=plan("submitted", submitted_on=date(2026, 9, 7)), approver_calendar=leaving)

    [nudge] = on(date(2026, 9, 8), submitted).nudges

    assert nudge.due_on == date(2026, 9, 21)


def test_a_plan_keeps_its_form_when_the_class_of_the_account_changes() -> None:
    short = plan(form="short", filled=frozenset({3, 5, 8, 9}))

    [nudge] = on(date(2026, 10, 20), fact(form="key", plan=short)).nudges

    assert (nudge.facts["form"], nudge.facts["missing"]) == ("short", [1])


def test_on_18_september_of_a_plan_round_the_first_of_seven_plans_is_due() -> None:
    fridays = [date(2026, 9, 18), date(2026, 9, 25), date(2026, 10, 2), date(2026, 10, 9)]
    fridays += [date(2026, 10, 16), date(2026, 10, 23), date(2026, 10, 30)]
    facts = [fact(n, plan=plan(hand_in=day, filled=frozenset({2}))) for n, day in enumerate(fridays, 1)]

    nudges = on(date(2026, 9, 18), *facts).nudges

    # One item: seven hand-ins, and of each plan the own position, whose turn came on 21 August.
    assert {n.group for n in nudges} == {"plan_creation:person.4"}
    assert [n.due_on for n in nudges if n.step == "hand_in"] == fridays
    assert [n.step for n in nudges].count("position") == 7
    assert [n.account for n in nudges if n.due_on <= date(2026, 9, 18) and n.step == "hand_in"] == [1]


@pytest.mark.parametrize(
    ("meeting", "due_on"),
    [
        (None, date(2026, 10, 30)),  # cancelled, or never known
        (date(2026, 11, 27), date(2026, 10, 30)),  # 20 working days before it are 30 October
        (date(2026, 11, 26), date(2026, 10, 29)),  # moved nearer by a day
        (date(2026, 11, 10), date(2026, 10, 13)),
        (date(2027, 2, 10), date(2026, 10, 30)),  # moved away, behind the budget
    ],
)
def test_a_meeting_that_moves_before_the_draft_moves_the_hand_in(meeting: date | None, due_on: date) -> None:
    [nudge] = on(date(2026, 7, 1), fact(meeting=meeting)).nudges

    assert nudge.due_on == due_on


@pytest.mark.parametrize("meeting", [None, date(2026, 9, 30), date(2026, 11, 10), date(2027, 2, 10)])
def test_a_meeting_that_moves_after_the_draft_leaves_the_date_that_was_fixed(meeting: date | None) -> None:
    [nudge] = on(date(2026, 7, 20), fact(meeting=meeting, plan=plan())).nudges

    assert nudge.due_on == date(2026, 10, 30)


def test_a_part_time_kam_on_holiday_hands_in_on_the_last_own_day_before_it() -> None:
    # Monday to Wednesday and away from 19 October on: Wednesday 14 October.
    part_time = with_absences(
        Calendar(frozenset({1, 2, 3}), half_days="work"), [(date(2026, 10, 19), date(2026, 10, 30))]
    )

    [nudge] = on(date(2026, 7, 1), fact(calendar=part_time)).nudges

    assert (nudge.owner, nudge.due_on) == (4, date(2026, 10, 14))


def test_a_budget_date_of_29_february_is_kept() -> None:
    # The year begins on 1 May 2028; 62 days before it is Tuesday 29 February, 184 days before it 30 October.
    year = fiscal_year(date(2028, 5, 1), 5)

    assert why_silent(date(2027, 10, 29), fact(year=year)) == [("not_started", date(2027, 10, 30))]
    assert on(date(2027, 10, 30), fact(year=year)).nudges[0].due_on == date(2028, 2, 29)

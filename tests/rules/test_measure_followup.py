"""Worked examples for measures. Monday to Friday, no holidays: Friday 16 October 2026 minus five working
days is Friday 9 October."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.deadline import Asked
from kamflow.nudge import Nudge
from kamflow.policy import Policy
from kamflow.rules.measure_followup import MeasureFacts, decide, silent
from kamflow.workdays import Calendar, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
POLICY = Policy()
OWNER, KAM = Asked(8, WEEK), Asked(4, WEEK)
FRIDAY = date(2026, 10, 16)


def measure(due: date | None = FRIDAY, **more: Any) -> MeasureFacts:
    return replace(MeasureFacts(33, 17, "ours", OWNER, KAM, due), **more)


def on(day: date, *facts: MeasureFacts) -> list[Nudge]:
    return list(decide(facts, day, POLICY).nudges)


def why_silent(day: date, *facts: MeasureFacts) -> list[tuple[str, date | None]]:
    return [(each.reason, each.until) for each in silent(facts, day, POLICY)]


@pytest.mark.parametrize(
    ("due", "day", "stage"),
    [
        (FRIDAY, date(2026, 10, 8), None),
        (FRIDAY, date(2026, 10, 9), "soon"),
        (FRIDAY, date(2026, 10, 15), "soon"),
        (FRIDAY, date(2026, 10, 16), "due"),
        (FRIDAY, date(2026, 10, 17), "overdue"),
        (FRIDAY, date(2027, 3, 1), "overdue"),  # a new year does not make it go away
        # Saturday: nothing becomes overdue on a day off, so Monday is its day
        (date(2026, 10, 17), date(2026, 10, 9), None),
        (date(2026, 10, 17), date(2026, 10, 12), "soon"),
        (date(2026, 10, 17), date(2026, 10, 17), "due"),
        (date(2026, 10, 17), date(2026, 10, 19), "due"),
        (date(2026, 10, 17), date(2026, 10, 20), "overdue"),
        # 29 February 2028 is a Tuesday
        (date(2028, 2, 29), date(2028, 2, 21), None),
        (date(2028, 2, 29), date(2028, 2, 22), "soon"),
        (date(2028, 2, 29), date(2028, 2, 29), "due"),
        (date(2028, 2, 29), date(2028, 3, 1), "overdue"),
    ],
)
def test_a_measure_is_soon_due_and_overdue(due: date, day: date, stage: str | None) -> None:
    assert [nudge.stage for nudge in on(day, measure(due))] == ([stage] if stage else [])


def test_since_and_due_date_do_not_depend_on_the_day_of_the_run() -> None:
    seen = {(n.since, n.due_on) for day in (9, 12, 16, 30) for n in on(date(2026, 10, day), measure())}

    assert seen == {(date(2026, 10, 9), FRIDAY)}


@pytest.mark.parametrize(
    ("side", "owner", "kam", "asked"),
    [
        ("ours", OWNER, KAM, 8),
        ("ours", None, KAM, 4),
        ("customer", None, KAM, 4),
        ("customer", OWNER, KAM, 8),
        ("joint", OWNER, KAM, 8),
        ("joint", None, KAM, 4),
        ("ours", OWNER, None, 8),
    ],
)
def test_our_owner_follows_up_whatever_side_does_it_else_the_kam(
    side: Any, owner: Asked | None, kam: Asked | None, asked: int
) -> None:
    [nudge] = on(FRIDAY, measure(side=side, owner=owner, kam=kam))

    assert (nudge.owner, nudge.facts["side"], nudge.group) == (
        asked,
        side,
        f"measure_followup:person.{asked}",
    )


@pytest.mark.parametrize(
    ("more", "reason", "until"),
    [
        ({"done_on": date(2026, 10, 12)}, "done", None),
        ({"owner": None, "kam": None}, "no_owner", None),
        ({"due_on": None}, "no_date", None),
        ({"due_on": date(2026, 11, 20), "moved": True}, "not_due", date(2026, 11, 13)),
    ],
)
def test_a_silent_measure_says_why(more: dict[str, Any], reason: str, until: date | None) -> None:
    assert on(FRIDAY, measure(**more)) == []
    assert why_silent(FRIDAY, measure(**more)) == [(reason, until)]


def test_one_that_is_moved_by_a_day_stays_open_with_its_new_date() -> None:
    [before], [after] = on(FRIDAY, measure()), on(FRIDAY, measure(date(2026, 10, 19), moved=True))

    assert before.identity == after.identity == "measure_followup:account.17+measure.33:33:followup"
    assert (before.due_on, after.due_on) == (FRIDAY, date(2026, 10, 19))
    assert (after.stage, after.facts["moved"]) == ("soon", True)


def test_one_that_is_moved_into_the_next_fiscal_year_keeps_its_identity() -> None:
    [now], [next_year] = on(FRIDAY, measure()), on(date(2027, 1, 15), measure(date(2027, 1, 15), moved=True))

    assert now.identity == next_year.identity


def test_an_owner_on_holiday_is_told_before_it_and_not_late_on_the_first_day_back() -> None:
    away = Asked(8, with_absences(WEEK, [(date(2026, 10, 12), date(2026, 10, 23))]))

    # Five working days before 16 October, less the holiday from the 12th on: 5 to 9 October.
    assert why_silent(date(2026, 10, 2), measure(owner=away)) == [("not_due", date(2026, 10, 5))]
    assert on(date(2026, 10, 26), measure(owner=away))[0].stage == "due"
    assert on(date(2026, 10, 27), measure(owner=away))[0].stage == "overdue"


def test_a_part_time_owner_has_five_own_days() -> None:
    mondays_to_wednesdays = Asked(8, Calendar(frozenset({1, 2, 3}), half_days="work"))

    # Wednesday 14, Tuesday 13, Monday 12, Wednesday 7 and Tuesday 6 October.
    assert on(date(2026, 10, 6), measure(owner=mondays_to_wednesdays))[0].since == date(2026, 10, 6)


def test_what_is_late_weighs_more_and_closes_by_facts_alone() -> None:
    soon, due, overdue = (on(date(2026, 10, day), measure())[0] for day in (9, 16, 19))

    assert soon.weight < due.weight < overdue.weight
    assert overdue.closes_by == "facts"
    assert overdue.why == {
        "threshold": "overdue", "days": 5, "closes": "done_or_moved", "next": "head", "next_after": 10
    }  # fmt: skip


@pytest.mark.parametrize(
    ("due", "day", "stage", "since"),
    [
        # On 7 October it was not due yet. Moved nearer, to Monday 12 October, it is at once.
        (FRIDAY, date(2026, 10, 7), None, None),
        (date(2026, 10, 12), date(2026, 10, 7), "soon", date(2026, 10, 5)),
        (date(2026, 10, 7), date(2026, 10, 7), "due", date(2026, 9, 30)),
        # Moved away on its day, to Friday 13 November, it is left alone until 6 November.
        (date(2026, 11, 13), FRIDAY, None, None),
        (date(2026, 11, 13), date(2026, 11, 6), "soon", date(2026, 11, 6)),
    ],
)
def test_a_measure_that_is_moved_counts_from_its_new_date(
    due: date, day: date, stage: str | None, since: date | None
) -> None:
    found = [(nudge.stage, nudge.since) for nudge in on(day, measure(due, moved=True))]

    assert found == ([(stage, since)] if stage else [])


def test_a_part_time_owner_on_holiday_is_told_before_it_whoever_is_the_deputy() -> None:
    # Monday to Wednesday, away from 5 to 14 October: 30, 29, 28, 23 and 22 September are five own days.
    part_time = Calendar(frozenset({1, 2, 3}), half_days="work")
    away = Asked(8, with_absences(part_time, [(date(2026, 10, 5), date(2026, 10, 14))]))

    assert why_silent(date(2026, 9, 21), measure(owner=away)) == [("not_due", date(2026, 9, 22))]
    [nudge] = on(date(2026, 10, 12), measure(owner=away))
    assert (nudge.owner, nudge.since) == (8, date(2026, 9, 22))


facts = st.builds(
    measure,
    due=st.none() | st.dates(date(2026, 9, 1), date(2027, 2, 28)),
    side=st.sampled_from(["ours", "customer", "joint"]),
    owner=st.none() | st.just(OWNER),
    kam=st.none() | st.just(KAM),
    done_on=st.none() | st.none() | st.just(date(2026, 10, 12)),
)
days = st.dates(date(2026, 8, 15), date(2027, 4, 1))


def numbered(some: list[MeasureFacts]) -> list[MeasureFacts]:
    return [replace(one, measure=number) for number, one in enumerate(some)]


@given(some=st.lists(facts, max_size=6), day=days)
def test_every_measure_is_either_asked_for_or_silent_with_a_reason(some: Any, day: date) -> None:
    rows = numbered(some)
    told = [nudge.facts["measure"] for nudge in on(day, *rows)]
    quiet = [each.figures["measure"] for each in silent(rows, day, POLICY)]

    assert sorted([*told, *quiet]) == [row.measure for row in rows]


@given(one=facts, day=days)
def test_the_day_on_which_it_would_speak_is_the_day_on_which_it_speaks(one: MeasureFacts, day: date) -> None:
    for _, until in why_silent(day, one):
        if until is not None:
            assert on(until - timedelta(days=1), one) == []
            assert [nudge.since for nudge in on(until, one)] == [until]

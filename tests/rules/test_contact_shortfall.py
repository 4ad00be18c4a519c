"""Worked examples a KAM can check by hand. The calendar: Monday to Friday, no holidays, so 2026 has
261 working days, a week has five, and every date can be counted on a wall calendar."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.figures.contact_cell import Cell
from kamflow.policy import Policy
from kamflow.rules.contact_shortfall import AccountContacts, decide, silent
from kamflow.workdays import Calendar, with_absences

WEEK = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
POLICY = Policy()


def cell(soll: int, held: int = 0, **more: Any) -> Cell:
    base = Cell(
        target=1, person=4, contact=9, soll=soll, period="2026-01-01..2026-12-31", first=YEAR[0],
        last=YEAR[1], held=held, last_held=None, booked=(), influence=5, board=False, calendar=WEEK,
    )  # fmt: skip
    return base._replace(**more)


def account(*cells: Cell, **more: Any) -> AccountContacts:
    base = AccountContacts(account=17, kam=4, as_of=date(2026, 2, 1), source="crm", cells=cells)
    return replace(base, **more)


def nudges(day: date, *cells: Cell, **more: Any) -> list[Any]:
    return list(decide([account(*cells, **more)], day, POLICY).nudges)


def why_silent(day: date, *cells: Cell, **more: Any) -> list[tuple[str, date | None]]:
    return [(each.reason, each.until) for each in silent([account(*cells, **more)], day, POLICY)]


@pytest.mark.parametrize(
    ("soll", "held", "more", "since", "mode"),
    [
        # 12 a year: 1 contact is 261/12 = 21.75 days, so after 22 days (30 January) one is behind.
        (12, 0, {}, date(2026, 2, 2), "pace"),
        # With two held the third is due after 3 x 21.75 = 65.25 -> 66 days (2 April).
        (12, 2, {}, date(2026, 4, 3), "pace"),
        # 4 a year: after 65.25 -> 66 days; the latest start (4 x 20 = 80 days before the end) is later.
        (4, 0, {}, date(2026, 4, 3), "pace"),
        # 2 a year: no pace; 2 x 20 = 40 working days before the end of the year.
        (2, 0, {}, date(2026, 11, 6), "latest_start"),
        # 1 a year, 20 working days before the end.
        (1, 0, {}, date(2026, 12, 4), "latest_start"),
        # 1 a year with influence 8: 30 working days before the end.
        (1, 0, {"influence": 8}, date(2026, 11, 20), "latest_start"),
        # 1 a year with a board member: 60 working days before the end, not on 31 December.
        (1, 0, {"board": True}, date(2026, 10, 9), "latest_start"),
    ],
)
def test_a_cell_is_due_from_the_day_one_can_count(
    soll: int, held: int, more: dict[str, Any], since: date, mode: str
) -> None:
    due = cell(soll, held, **more)

    assert nudges(WEEK.add(since, -1), due) == []
    [nudge] = nudges(since, due)

    assert (nudge.since, nudge.due_on) == (since, WEEK.add(since, 10))
    assert nudge.facts["cells"][0]["mode"] == mode


def test_since_and_due_date_do_not_depend_on_the_day_of_the_run() -> None:
    due = cell(12, 2)

    seen = {(n.since, n.due_on) for day in (4, 17, 30) for n in nudges(date(2026, 4, day), due)}

    assert seen == {(date(2026, 4, 3), date(2026, 4, 17))}


def test_a_booked_contact_counts_and_one_whose_date_passed_counts_for_five_working_days() -> None:
    booked = cell(1, board=True, booked=(date(2026, 10, 14),))

    assert why_silent(date(2026, 10, 13), booked) == [("covered", None)]
    assert nudges(date(2026, 10, 21), booked) == []  # the fifth working day after it
    [nudge] = nudges(date(2026, 10, 22), booked)
    assert nudge.since == date(2026, 10, 22)


def test_a_cell_that_became_due_in_the_last_fifteen_days_goes_into_next_years_plan() -> None:
    # 12 held of 13: the latest start is 16 working days before the end (261 x 0.8 / 13 = 16.06).
    assert len(nudges(date(2026, 12, 10), cell(13, 12))) == 1
    # 13 held of 14: 261 x 0.8 / 14 = 14.9 -> 14 days before the end: too late to ask for.
    assert why_silent(date(2026, 12, 14), cell(14, 13)) == [("too_late", None)]


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"soll": 0}, "no_target"), ({"held": 13}, "covered"), ({"gone": True}, "gone")],
)
def test_a_silent_cell_says_why(more: dict[str, Any], reason: str) -> None:
    assert why_silent(date(2026, 11, 30), cell(12)._replace(**more)) == [(reason, None)]


def test_a_cell_on_pace_says_from_when_it_would_speak() -> None:
    assert why_silent(date(2026, 3, 2), cell(12, 2)) == [("on_pace", date(2026, 4, 3))]


def test_days_on_which_one_side_does_not_work_are_no_working_days() -> None:
    # Closed for three weeks in August: 246 days, one contact is 20.5 days; eight of them are 164 days.
    closed = with_absences(WEEK, [(date(2026, 8, 3), date(2026, 8, 21))])
    open_all, with_closing = cell(12, 7), cell(12, 7, calendar=closed)

    assert nudges(date(2026, 9, 30), open_all)[0].since == date(2026, 9, 2)
    assert nudges(date(2026, 9, 30), with_closing)[0].since == date(2026, 9, 9)


def test_two_who_never_work_on_the_same_day_are_not_divided_by_zero() -> None:
    nobody = Calendar(frozenset())

    assert why_silent(date(2026, 9, 1), cell(12, calendar=nobody)) == [("no_common_days", None)]


def test_one_nudge_per_person_and_account_lists_the_heaviest_cell_first() -> None:
    paul = cell(6, 2, target=2, contact=2, influence=8)
    knut = cell(4, 1, target=3, contact=3, influence=5)
    other_person = cell(12, 0, target=4, person=5)

    witt, arnst = nudges(date(2026, 9, 7), knut, paul, other_person)

    assert [listed["target"] for listed in witt.facts["cells"]] == [2, 3]
    assert (witt.owner, arnst.owner) == (4, 5)
    # Expected by 7 September: 6 x 177/261 = 4.07, 4 x 177/261 = 2.71; behind by 2 and by 1.
    assert [listed["gap"] for listed in witt.facts["cells"]] == [2, 1]
    assert witt.weight == 2 * 8 + 1 * 5


def test_an_unknown_influence_weighs_five_and_stays_unknown() -> None:
    [nudge] = nudges(date(2026, 9, 7), cell(4, 1, influence=None))

    assert (nudge.weight, nudge.facts["cells"][0]["influence"]) == (5, None)


def test_one_visit_is_proposed_for_several_contacts_until_four_fifths_are_closed() -> None:
    cells = [cell(4, 1, target=n, contact=n, influence=8) for n in range(1, 5)]

    [nudge] = nudges(date(2026, 9, 7), *cells)

    assert nudge.facts["meetings"] == [{"targets": [1, 2, 3, 4], "contacts": [1, 2, 3, 4]}]


def test_what_no_longer_fits_says_so() -> None:
    # 7 missing in the 34 working days from 16 November: less than five days between two contacts.
    [nudge] = nudges(date(2026, 11, 16), cell(12, 5))

    assert (nudge.stage, nudge.facts["cells"][0]["fits"]) == ("unfit", False)


def test_an_account_without_any_interaction_is_asked_once_to_bring_its_data() -> None:
    cells = [cell(12, target=n, contact=n, person=n) for n in range(1, 4)]

    [nudge] = nudges(date(2026, 9, 7), *cells, as_of=None, kam=4)

    assert (nudge.step, nudge.owner, nudge.facts["cells"]) == ("no_data", 4, [])


@pytest.mark.parametrize(
    ("soll", "held", "asked"),
    [
        # how many are asked for on 30 January, 3 April, 1 July, 6 November, 4 December and 11 December
        (0, 0, [0, 0, 0, 0, 0, 0]),
        (0, 3, [0, 0, 0, 0, 0, 0]),
        # one is begun 20 working days before the end of the year: 4 December
        (1, 0, [0, 0, 0, 0, 1, 1]),
        (1, 1, [0, 0, 0, 0, 0, 0]),
        # of two the first 40 days before it, 6 November, the second 20 days before it
        (2, 0, [0, 0, 0, 1, 2, 2]),
        (2, 1, [0, 0, 0, 0, 1, 1]),
        (2, 2, [0, 0, 0, 0, 0, 0]),
        # Of twelve 66/21.75 = 3.03 were to be held by 3 April, 129/21.75 = 5.9 by 1 July, then 10.2, 11.1;
        # a contact is begun 17.4 days before the end (261 x 0.8 / 12), so on 11 December all that is missing.
        (12, 0, [0, 3, 5, 10, 11, 12]),
        (12, 6, [0, 0, 0, 4, 5, 6]),
        (12, 12, [0, 0, 0, 0, 0, 0]),
        # more held than meant is no debt and no credit
        (12, 15, [0, 0, 0, 0, 0, 0]),
    ],
)
def test_soll_0_1_2_and_12_through_a_year(soll: int, held: int, asked: list[int]) -> None:
    days = [date(2026, *day) for day in ((1, 30), (4, 3), (7, 1), (11, 6), (12, 4), (12, 11))]
    found = [nudges(day, cell(soll, held)) for day in days]

    assert [said[0].facts["cells"][0]["gap"] if said else 0 for said in found] == asked


def test_more_held_with_one_contact_does_not_make_up_for_another() -> None:
    knut, paul = cell(1, 5, target=1, contact=1), cell(1, 0, target=2, contact=2)

    [nudge] = nudges(date(2026, 12, 4), knut, paul)

    assert [listed["target"] for listed in nudge.facts["cells"]] == [2]


@pytest.mark.parametrize(
    ("booked", "day", "asked"),
    [
        # Soll 1 with a board member: begun 60 working days before the end, on 9 October
        ((), date(2026, 10, 8), False),
        ((), date(2026, 10, 9), True),
        ((date(2026, 10, 14),), date(2026, 10, 9), False),
        # moved nearer and moved away it is still one meeting
        ((date(2026, 10, 7),), date(2026, 10, 9), False),
        ((date(2026, 12, 15),), date(2026, 10, 9), False),
        # cancelled on its day it is missing again at once
        ((), date(2026, 10, 14), True),
    ],
)
def test_a_visit_that_is_moved_counts_and_one_that_is_cancelled_does_not(
    booked: tuple[date, ...], day: date, asked: bool
) -> None:
    found = nudges(day, cell(1, board=True, booked=booked))

    assert [(n.since, n.due_on) for n in found] == (
        [(date(2026, 10, 9), date(2026, 10, 23))] if asked else []
    )


@pytest.mark.parametrize(
    ("period", "since", "due_on"),
    [
        # a fiscal year from October, to Thursday 30 September 2027: 27-30, 20-24, 13-17, 6-10 and 3 September
        ((date(2026, 10, 1), date(2027, 9, 30)), date(2027, 9, 3), date(2027, 9, 17)),
        # a quarter that ends on Tuesday 29 February 2028: 28-29, 21-25, 14-18, 7-11 and 2-4 February
        ((date(2027, 12, 1), date(2028, 2, 29)), date(2028, 2, 2), date(2028, 2, 16)),
    ],
)
def test_one_contact_is_begun_twenty_working_days_before_any_period_ends(
    period: tuple[date, date], since: date, due_on: date
) -> None:
    one = cell(1, period=f"{period[0]}..{period[1]}", first=period[0], last=period[1])

    assert nudges(WEEK.add(since, -1), one) == []
    assert [(n.since, n.due_on) for n in nudges(since, one)] == [(since, due_on)]


def test_a_part_time_kam_on_holiday_begins_earlier_and_is_asked_whoever_is_the_deputy() -> None:
    # Monday to Wednesday: 60 own days are 20 weeks before 31 December, from 17 August on; two weeks of
    # holiday in between make them 22, from 3 August on. Ten own days later it is Tuesday 25 August.
    part_time = Calendar(frozenset({1, 2, 3}), half_days="work")
    away = with_absences(part_time, [(date(2026, 10, 5), date(2026, 10, 16))])

    [here] = nudges(date(2026, 10, 12), cell(1, board=True, calendar=part_time))
    [nudge] = nudges(date(2026, 10, 12), cell(1, board=True, calendar=away))

    assert (here.since, nudge.since, nudge.due_on) == (
        date(2026, 8, 17), date(2026, 8, 3), date(2026, 8, 25)
    )  # fmt: skip
    assert nudge.owner == 4  # the cadence finds out who reads it meanwhile


cells = st.builds(
    cell,
    soll=st.integers(0, 15),
    held=st.integers(0, 15),
    influence=st.none() | st.integers(1, 10),
    board=st.booleans(),
    booked=st.lists(st.dates(*YEAR), max_size=3).map(tuple),
)


def gap(day: date, one: Cell) -> int:
    found = nudges(day, one)
    return found[0].facts["cells"][0]["gap"] if found else 0


@given(one=cells, day=st.dates(*YEAR), more=st.integers(1, 5))
def test_more_contacts_never_make_a_shortfall_worse(one: Cell, day: date, more: int) -> None:
    assert gap(day, one._replace(held=one.held + more)) <= gap(day, one)


@given(one=cells.map(lambda one: one._replace(booked=())), day=st.dates(*YEAR), later=st.integers(0, 60))
def test_a_day_of_delay_never_closes_a_nudge_within_its_period(one: Cell, day: date, later: int) -> None:
    then = min(date.fromordinal(day.toordinal() + later), YEAR[1])
    assert len(nudges(then, one)) >= len(nudges(day, one))


@given(some=st.lists(cells, max_size=5), day=st.dates(*YEAR))
def test_every_cell_is_either_asked_for_or_silent_with_a_reason(some: list[Cell], day: date) -> None:
    rows = [one._replace(target=n, contact=n) for n, one in enumerate(some)]
    asked = {listed["target"] for nudge in nudges(day, *rows) for listed in nudge.facts["cells"]}
    silences = {each.figures["target"] for each in silent([account(*rows)], day, POLICY)}

    assert asked | silences == {row.target for row in rows}
    assert not asked & silences

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


@given(some=st.lists(cells, max_size=5), day=st.dates(*YEAR), seed=st.randoms())
def test_the_order_of_rows_does_not_matter(some: list[Cell], day: date, seed: Any) -> None:
    rows = [one._replace(target=n, contact=n, person=n % 2) for n, one in enumerate(some)]
    shuffled = seed.sample(rows, len(rows))

    assert {n.identity: n.fingerprint for n in nudges(day, *rows)} == {
        n.identity: n.fingerprint for n in nudges(day, *shuffled)
    }


@given(some=st.lists(cells, max_size=5), day=st.dates(*YEAR))
def test_every_cell_is_either_asked_for_or_silent_with_a_reason(some: list[Cell], day: date) -> None:
    rows = [one._replace(target=n, contact=n) for n, one in enumerate(some)]
    asked = {listed["target"] for nudge in nudges(day, *rows) for listed in nudge.facts["cells"]}
    silences = {each.figures["target"] for each in silent([account(*rows)], day, POLICY)}

    assert asked | silences == {row.target for row in rows}
    assert not asked & silences

"""When the day of hand-in enters a calendar, moves in it, and leaves it: fixed for 30 October 2026."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kamflow.figures.plan_entries import entries, spread
from kamflow.figures.plan_progress import Entry, Plan, PlanFacts
from kamflow.periods import Period
from kamflow.thresholds import PlanCreation
from kamflow.workdays import Calendar, Quiet

Y2027 = Period(date(2027, 1, 1), date(2027, 12, 31))
HAND_IN, TODAY = date(2026, 10, 30), date(2026, 7, 2)
WITT, KRUSE = 4, 5
HAS_IT = Entry(1, HAND_IN, HAND_IN)


def fact(state: str = "draft", *, plan: dict[str, Any] | None = None, **more: Any) -> PlanFacts:
    calendar = Calendar(frozenset({1, 2, 3, 4, 5}), half_days="work")
    made = Plan(state, HAND_IN, {}, number=9)
    base = PlanFacts(17, Y2027, "key", WITT, 2, calendar, calendar, Quiet(), plan=made)
    return replace(base, plan=replace(made, **plan or {}), **more)


def said(
    one: PlanFacts, today: date = TODAY, policy: PlanCreation | None = None
) -> list[tuple[int, str, str]]:
    effects = entries(one, today, policy or PlanCreation())
    return [(each.facts["person"], each.facts["method"], each.facts["day"]) for each in effects]


@pytest.mark.parametrize(
    ("october", "taken", "july"),
    [
        ((30, 23), {}, (1, 1)),
        ((30, 23, 16, 9), {}, (2, 2, 1, 1)),
        ((30, 23), {1: 1}, (2, 1)),
        ((30, 23), {1: 2, 2: 2}, (3, 3)),
        ((1, 1, 2), {1: 2}, (1, 1, 1)),
    ],
    ids=["few", "the nearest first", "one waits", "many wait", "those soon at once"],
)
def test_entries_are_spread_over_mornings(
    october: tuple[int, ...], taken: dict[int, int], july: tuple[int, ...]
) -> None:
    mornings = [date(2026, 7, day) for day in (1, 2, 3)]
    days = [date(2026, 10, day) for day in october]
    leaves = spread(days, mornings, {mornings[day - 1]: n for day, n in taken.items()}, date(2026, 10, 2))

    assert [morning.day for morning in leaves] == list(july)


def test_a_hand_in_that_was_fixed_enters_the_kams_calendar_once() -> None:
    [effect] = entries(fact(), TODAY, PlanCreation())

    assert effect.key == "calendar:account.17+person.4:2027-01-01..2027-12-31:hand_in"
    assert effect.facts == {
        "person": WITT,
        "day": "2026-10-30",
        "method": "request",
        "year": {"first": "2027-01-01", "last": "2027-12-31"},
    }
    assert said(fact(entries={WITT: HAS_IT})) == []


def test_without_a_plan_or_its_day_there_is_nothing_to_enter() -> None:
    assert said(replace(fact(), plan=None)) == []
    assert said(fact(plan={"hand_in": None})) == []
    assert said(fact(), date(2026, 10, 31)) == []


def test_another_day_is_told_with_a_key_of_its_own() -> None:
    moved = fact(plan={"hand_in": date(2026, 10, 23)}, entries={WITT: HAS_IT})
    [effect] = entries(moved, TODAY, PlanCreation())

    assert (effect.key[-9:], effect.facts["day"]) == ("hand_in:1", "2026-10-23")


def test_a_plan_that_was_sent_back_has_the_day_of_its_revision() -> None:
    back = fact("returned", plan={"decided_on": date(2026, 10, 28)}, entries={WITT: HAS_IT})
    early = fact("returned", plan={"decided_on": date(2026, 9, 1)}, entries={WITT: HAS_IT})

    assert said(back, date(2026, 10, 29)) == [(WITT, "request", "2026-11-11")]
    assert said(early, date(2026, 9, 2)) == []


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_a_plan_that_was_handed_in_keeps_its_entry_and_gets_none(state: str) -> None:
    assert said(fact(state, entries={WITT: HAS_IT})) == []
    assert said(fact(state)) == []


def test_another_kam_has_the_entry_then() -> None:
    handed_over = fact(kam=KRUSE, entries={WITT: HAS_IT})

    assert said(handed_over) == [(WITT, "cancel", "2026-10-30"), (KRUSE, "request", "2026-10-30")]


@pytest.mark.parametrize("more", [{"closed": True, "kam": None}, {"form": None}, {"kam": None}])
def test_a_plan_that_nobody_wants_any_more_is_taken_back(more: dict[str, Any]) -> None:
    dropped = fact(entries={WITT: HAS_IT}, **more)

    assert said(dropped) == [(WITT, "cancel", "2026-10-30")]
    assert said(dropped, date(2026, 10, 31)) == []


def test_switched_off_nothing_is_entered_and_what_was_is_taken_back() -> None:
    off = PlanCreation(calendar=False)

    assert said(fact(), policy=off) == []
    assert said(fact(entries={WITT: HAS_IT}), policy=off) == [(WITT, "cancel", "2026-10-30")]


def test_what_was_taken_back_is_entered_again_for_who_writes_again() -> None:
    taken_back = Entry(2, None, None)
    never_sent = Entry(1, HAND_IN, None)

    assert said(fact(entries={WITT: taken_back})) == [(WITT, "request", "2026-10-30")]
    assert said(fact(kam=KRUSE, entries={WITT: never_sent})) == [(KRUSE, "request", "2026-10-30")]

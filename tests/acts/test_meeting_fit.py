"""What cannot be true of an annual meeting."""

from dataclasses import replace
from datetime import date

import pytest

from kamflow.acts.meeting_fit import Wanted, flaws, near
from kamflow.periods import Period

TODAY, M = date(2026, 9, 7), date(2026, 11, 10)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
TALKS = Wanted(YEAR, "negotiation", {1: date(2026, 8, 4), 2: M}, frozenset({1}))


def found(wanted: Wanted) -> list[tuple[str, int | None]]:
    return [(flaw.field, flaw.round) for flaw in flaws(wanted, TODAY)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (TALKS, []),
        (replace(TALKS, kind="strategic"), [("round", 2)]),
        (replace(TALKS, kind="strategic", known=frozenset({1, 2})), [("kind", None)]),
        (replace(TALKS, closed_on=M), [("day", 2)]),
        (replace(TALKS, closed_on=date(2026, 11, 11)), []),
        (replace(TALKS, days={1: None, 2: date(2036, 11, 10)}), [("day", 2)]),
        (replace(TALKS, agreed_on=TODAY), []),
        (replace(TALKS, agreed_on=date(2026, 9, 8)), [("agreed_on", None)]),
        (replace(TALKS, agreed_on=date(2026, 8, 3)), [("agreed_on", None)]),
        (replace(TALKS, days={1: None}, agreed_on=date(2026, 8, 3)), []),
        (replace(TALKS, days={1: M}, kind="strategic", agreed_on=TODAY), [("agreed_on", None)]),
    ],
)
def test_what_cannot_be_is_named_with_its_field_and_round(
    wanted: Wanted, expected: list[tuple[str, int | None]]
) -> None:
    assert found(wanted) == expected


def test_a_meeting_about_a_year_may_take_place_before_it_or_run_on_after_it() -> None:
    days = (date(2024, 12, 30), date(2024, 12, 31), date(2028, 1, 1), date(2028, 1, 2))
    assert [near(YEAR, day) for day in days] == [False, True, True, False]
    assert not near(Period(date(2026, 1, 1), date.max), date.min)

"""Where a customer stands in the portfolio, by hand."""

import pytest

from kamflow.figures.portfolio import Criterion, axis, field, strategy


@pytest.mark.parametrize(
    ("attractiveness", "competitive", "expected", "advice"),
    [
        (50, 50, "star", "grow"),
        (100, 0, "build", "invest"),
        (50, 49, "build", "invest"),
        (49, 50, "harvest", "hold"),
        (0, 100, "harvest", "hold"),
        (49, 49, "limit", "reduce"),
        (None, 80, None, None),
        (80, None, None, None),
    ],
)
def test_both_axes_name_the_field_and_its_strategy(
    attractiveness: int | None, competitive: int | None, expected: str | None, advice: str | None
):
    found = field(attractiveness, competitive)
    assert (found, strategy(found)) == (expected, advice)


@pytest.mark.parametrize(
    ("entered", "criteria", "expected"),
    [
        (None, [(3, 70), (1, 50)], 65),  # (3 x 70 + 50) / 4
        (None, [(1, 50), (1, 51)], 51),  # 50.5, away from zero at the half
        (None, [(2, 40), (5, None)], 40),  # what nobody knows does not pull down
        (None, [(0, 90)], None),
        (None, [], None),
        (12, [(1, 90)], 12),  # what was entered counts
        (0, [], 0),
    ],
)
def test_an_axis_is_the_weighted_mean_of_what_is_known(
    entered: int | None, criteria: list[tuple[int, int | None]], expected: int | None
):
    assert axis(entered, [Criterion(*each) for each in criteria]) == expected

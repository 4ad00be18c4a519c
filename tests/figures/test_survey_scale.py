"""Scores of other scales as 0 to 10."""

import pytest

from kamflow.errors import InputError
from kamflow.figures.survey_scale import Scale, doubtful


@pytest.mark.parametrize(
    ("scale", "scores", "become"),
    [
        ("0..10", [0, 6, 10], [0, 6, 10]),
        ("1..5", [1, 2, 3, 4, 5], [0, 3, 5, 8, 10]),
        ("1..7", [1, 2, 3, 4, 5, 6, 7], [0, 2, 3, 5, 7, 8, 10]),
        ("0..100", [4, 5, 84, 85, 95], [0, 1, 8, 9, 10]),
        ("-2..2", [-2, 0, 2], [0, 5, 10]),
    ],
)
def test_a_scale_is_stretched_evenly_and_halves_round_up(
    scale: str, scores: list[int], become: list[int]
) -> None:
    assert [Scale.parse(scale).converted(each) for each in scores] == become


@pytest.mark.parametrize("text", ["", "5", "5..1", "3..3", "1-5", "a..b"])
def test_what_is_no_scale_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"such as 1\.\.5"):
        Scale.parse(text)


def test_many_scores_without_a_zero_and_none_above_seven_are_doubtful() -> None:
    assert doubtful([1, 2, 3, 4, 5] * 2)
    assert not doubtful([1, 2, 3, 4, 5])
    assert not doubtful([*range(1, 10), 0])
    assert not doubtful([3] * 9 + [8])

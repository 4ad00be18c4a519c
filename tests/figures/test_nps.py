"""Worked examples for the net promoter score and its coverage."""

import csv
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kamflow.errors import InputError
from kamflow.figures.nps import coverage, kind, score
from tests import shared_data

scores = st.lists(st.integers(0, 10), max_size=30)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(0, "detractor"), (6, "detractor"), (7, "passive"), (8, "passive"), (9, "promoter"), (10, "promoter")],
)
def test_an_answer_is_a_promoter_a_passive_or_a_detractor(answer: int, expected: str) -> None:
    assert kind(answer) == expected


@pytest.mark.parametrize("answer", [-1, 11, 100])
def test_an_answer_outside_0_to_10_is_refused(answer: int) -> None:
    with pytest.raises(InputError, match="0 to 10"):
        kind(answer)


@pytest.mark.parametrize(
    ("answers", "nps", "whole", "raw"),
    [
        ([], None, None, ()),  # no answer is no score
        ([10], None, None, (10,)),
        ([3, 9], None, None, (9, 3)),
        ([9, 10, 10], "100.0", 100, ()),
        ([0, 6, 6], "-100.0", -100, ()),
        ([7, 8, 7], "0.0", 0, ()),
        ([9, 7, 6], "0.0", 0, ()),
        ([9, 9, 8], "66.7", 67, ()),
        ([6, 6, 8], "-66.7", -67, ()),
        ([10, 9, 8, 7, 7, 6, 8, 7], "12.5", 13, ()),  # 2 of 8 less 1 of 8
    ],
)
def test_a_score_is_shown_from_three_answers_on(
    answers: list[int], nps: str | None, whole: int | None, raw: tuple[int, ...]
) -> None:
    made = score(answers)

    assert (made.nps, made.whole, made.raw) == (Decimal(nps) if nps else None, whole, raw)
    assert made.answers == len(answers)


def test_the_answers_of_a_thousand_people_give_ten() -> None:
    with (shared_data.path("nps_accounts_r") / "nps_testdata.csv").open(encoding="utf-8") as file:
        made = score(int(row["REC"]) for row in csv.DictReader(file))

    assert (made.promoters, made.passives, made.detractors, made.nps) == (462, 176, 362, Decimal("10.0"))


@pytest.mark.parametrize(
    ("centre", "answered", "points", "of_points", "unknown", "percent"),
    [
        # Knut 5, Paul 8, Philip 8, Karl 4
        ({1: 5, 2: 8, 3: 8, 4: 4}, [2, 3], 16, 25, 0, 64.0),
        ({1: 5, 2: 8, 3: 8, 4: 4}, [], 0, 25, 0, 0.0),
        ({1: 5, 2: 8, 3: 8, 4: 4}, [1, 2, 3, 4], 25, 25, 0, 100.0),
        ({1: 5, 2: 8, 3: None}, [2, 3], 8, 13, 1, 61.5),
        ({1: 5, 2: 8}, [2, 9], 8, 13, 0, 61.5),  # 9 has left
        ({1: None, 2: None}, [1], 0, 0, 2, None),  # nobody knows how much 1 weighs
        ({}, [1], 0, 0, 0, None),
        ({1: 1, 2: 2}, [2], 2, 3, 0, 66.6),  # rounded down
    ],
)
def test_coverage_weighs_people_by_their_influence(
    centre: dict[int, Any], answered: list[int], points: int, of_points: int, unknown: int, percent: float
) -> None:
    made = coverage(centre, answered)

    assert (made.points, made.of_points, made.unknown) == (points, of_points, unknown)
    assert made.percent == percent


@given(answers=scores)
def test_the_order_of_answers_does_not_matter(answers: list[int]) -> None:
    assert score(answers) == score(sorted(answers))


@given(answers=scores.filter(lambda each: len(each) >= 3))
def test_one_more_promoter_never_lowers_a_score(answers: list[int]) -> None:
    before, after = score(answers).nps, score([*answers, 10]).nps

    assert before is not None
    assert after is not None
    assert -100 <= before <= after <= 100

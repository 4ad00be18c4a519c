"""Whatever a rule gives as threshold or closing is said in words by `kamflow why`."""

from collections.abc import Collection, Iterator
from functools import cache

import pytest

from kamflow.store.registry import RULES
from notifications.render.examples import VIEWS
from notifications.render.view import NudgeView
from notifications.why_words import words_of


def nudges() -> Iterator[NudgeView]:
    for make in VIEWS.values():
        for item in make("de").items:
            yield from item.nudges


@cache
def nudges_by_step() -> dict[tuple[str, str, str], NudgeView]:
    return {(each.rule, each.step, each.stage): each for each in nudges()}


def test_every_rule_has_an_example() -> None:
    assert RULES.keys() <= {rule for rule, _, _ in nudges_by_step()}


def without_words(view: NudgeView, words: Collection[str]) -> Iterator[str]:
    """The threshold, each part of it, and the closing of a nudge that have none."""
    threshold, closes = str(view.why["threshold"]), str(view.why["closes"])
    for part in ("pace", "latest_start") if threshold == "both" else (threshold,):
        if not any(key.startswith((f"{view.rule} by {part}", f"by {part}")) for key in words):
            yield part
    if not {f"until {closes}", closes} & set(words):
        yield closes


@pytest.mark.parametrize("language", ["de_DE", "en_GB"])
def test_threshold_and_closing_have_words(language: str) -> None:
    missing = {shown: [*without_words(view, words_of(language))] for shown, view in nudges_by_step().items()}
    assert {shown: parts for shown, parts in missing.items() if parts} == {}

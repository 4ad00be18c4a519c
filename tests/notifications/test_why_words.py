"""Whatever a rule gives as threshold or closing is said in words by `kamflow why`."""

from collections.abc import Iterator

import pytest

from kamflow.store.registry import RULES
from notifications.render.examples import VIEWS
from notifications.render.view import NudgeView
from notifications.why_words import words_of


def nudges() -> Iterator[NudgeView]:
    for make in VIEWS.values():
        for item in make("de").items:
            yield from item.nudges


SHOWN = {(each.rule, each.step, each.stage): each for each in nudges()}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_an_example(rule: str) -> None:
    assert any(shown == rule for shown, _, _ in SHOWN)


@pytest.mark.parametrize("language", ["de_DE", "en_GB"])
@pytest.mark.parametrize("shown", SHOWN, ids=":".join)
def test_threshold_and_closing_have_words(shown: tuple[str, str, str], language: str) -> None:
    view, words = SHOWN[shown], words_of(language)
    threshold, closes = str(view.why["threshold"]), str(view.why["closes"])
    for part in ("pace", "latest_start") if threshold == "both" else (threshold,):
        assert any(key.startswith((f"{view.rule} by {part}", f"by {part}")) for key in words), part
    assert f"until {closes}" in words or closes in words

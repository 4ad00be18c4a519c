"""Subject lines: what a telephone shows of them says what to do and by when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from kamflow.schedules import SCHEDULES
from notifications.render import examples, gallery
from notifications.render import training_example as made
from notifications.render.letter import letter
from notifications.render.view import NudgeView

# As mail programs on a screen show them, and as telephones do.
LONGEST, ON_A_TELEPHONE = 78, 34
FLOWS = tuple(each.flow for each in SCHEDULES)
LONG_NAME, LATE, SOON = 4, date(2026, 8, 28), date(2026, 9, 28)


def single() -> Iterator[NudgeView]:
    """One nudge of each kind that the gallery has, for the account with the longest name."""
    seen = set()
    for view in (made_for("de") for made_for in examples.VIEWS.values()):
        for nudge in (each for item in view.items for each in item.nudges):
            kind = (nudge.rule, nudge.step, nudge.stage, nudge.reason)
            if kind not in seen:
                seen.add(kind)
                yield replace(nudge, account=LONG_NAME)


@pytest.mark.parametrize("language", gallery.LANGUAGES)
def test_no_subject_of_the_gallery_is_too_long(language: str) -> None:
    letters = {each.name: gallery.letter_of(each) for each in gallery.every() if each.language == language}
    subjects = {name: letter.subject for name, letter in letters.items() if letter}

    assert {name: text for name, text in subjects.items() if len(text) > LONGEST} == {}
    names = ("kamflow", *FLOWS)
    assert not [text for text in subjects.values() if text[:1].islower() and not text.startswith(names)]


@pytest.mark.parametrize("day", [LATE, SOON])
@pytest.mark.parametrize(
    ("language", "months"), [("de", ("August", "September")), ("en", ("August", "September"))]
)
def test_the_date_of_a_single_thing_comes_before_a_long_name(
    language: str, months: tuple[str, str], day: date
) -> None:
    for nudge in single():
        subject = letter(made.view((replace(nudge, due_on=day),), language=language)).subject
        assert len(subject) <= LONGEST, subject
        if nudge.reason != "ladder" and nudge.step not in ("deliver", "refused", "conflict"):
            assert any(month in subject[:ON_A_TELEPHONE] for month in months), subject


@pytest.mark.parametrize("language", gallery.LANGUAGES)
@pytest.mark.parametrize(
    "known", [("hand_in_entry", "long"), ("calendar_entry", "long"), ("briefing", "long")]
)
def test_so_does_that_of_a_document(language: str, known: tuple[str, str]) -> None:
    subject = examples.example(*known, language).subject

    assert any(month in subject[:40] for month in ("Oktober", "October", "September")), subject
    assert subject.endswith("…")

"""What is written around an annual meeting, as its readers see it."""

import pytest

from notifications.render import briefing_example, examples, html
from notifications.render import letter as letters
from notifications.render import meeting_example as meeting
from notifications.render.training_example import DAY, names, view


def page(language: str = "en", **changes: object) -> str:
    """The briefing as plain text."""
    facts = briefing_example.briefing() | changes
    return html.laid_out(letters.notice("briefing", language, facts, day=DAY, names=names(language))).text


@pytest.mark.parametrize(
    ("step", "stage", "title"),
    [
        ("month", "", "Muster AG: when is the annual meeting?"),
        ("arrange", "", "Muster AG: arrange the annual meeting"),
        ("arrange", "month_passed", "Muster AG: the month of the annual meeting has passed without a date"),
        ("agenda", "", "Muster AG: agenda for the meeting on 22 September"),
        ("release", "", "Muster AG: release the briefing for the meeting on 22 September"),
        ("minutes", "", "Muster AG: minutes of the meeting on 28 August"),
        ("follow_up", "", "Muster AG: measures from the agreement of 28 August"),
    ],
)
def test_every_step_says_what_is_to_be_done(step: str, stage: str, title: str) -> None:
    [item] = letters.letter(view((meeting.asked(step, stage=stage),), language="en")).items
    assert item.title == title
    assert item.why
    assert item.next


def test_a_release_names_who_gets_the_briefing_and_what_happens_without_it() -> None:
    [item] = letters.letter(view((meeting.asked("release"),), language="en")).items
    [line] = item.lines

    assert "the briefing goes out on 17 September" in line.text
    assert line.notes == (
        "It goes to: Henrike Kruse and Ruth Albers",
        "What is not released goes out marked “from data, not reviewed”.",
    )


def test_many_steps_are_one_item_with_the_nearest_date_first() -> None:
    made = letters.letter(view(meeting.season(), language="en"))
    [item] = made.items

    assert made.subject == "Annual meetings: 6 items, the first overdue since 4 September"
    assert [line.badge for line in item.lines][:3] == ["overdue", "today", "by 9 September"]


def test_a_briefing_says_when_nobody_looked_it_through() -> None:
    assert "From data, not reviewed." in page(reviewed=False)
    assert "Looked through and released by the key account manager." in page()
    assert "Aus Daten, nicht geprüft." in page("de", reviewed=False)


def test_only_the_draft_names_its_lines() -> None:
    assert "[measure.1]" in page(paper="draft")
    assert "[note.4]" in page(paper="draft")
    assert "[measure.1]" not in page()


def test_what_is_not_known_is_said_and_nothing_is_zero() -> None:
    text = html.laid_out(examples.example("briefing", "missing", "en")).text

    assert "Who comes from the customer's side\n  nobody is named yet" in text
    assert "How business went\n  no scorecard is kept yet" in text
    assert "€" not in text
    assert "Net promoter score\n  no figure in the last scorecard" in page(satisfaction=[])


def test_a_struck_line_is_not_called_missing() -> None:
    text = page(measures=[], struck=2)
    assert "open measures" not in text
    assert "none is open in kamflow" not in text


def test_a_move_says_what_moved_what_is_due_and_what_is_dropped() -> None:
    made = examples.example("meeting_replanned", "nearer", "en")
    [item] = made.items

    assert item.title == (
        "Muster AG: from 13 October to 29 September. 3 dates moved, 1 already due, 1 dropped"
    )
    assert item.lines[0].text == "was planned for 1 September, there is no time left for it"
    assert item.lines[2].text == "15 September instead of 29 September"

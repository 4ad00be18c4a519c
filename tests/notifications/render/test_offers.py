"""Which buttons a nudge has, in which words, and where they lead."""

from dataclasses import replace
from datetime import date

import pytest

from notifications.render import examples, letter
from notifications.render import training_example as made
from notifications.render.item import Actions
from notifications.render.offers import MOST
from notifications.render.view import NudgeView, Ways


def offered(*nudges: NudgeView, language: str = "en", **ways: object) -> tuple[Actions, ...]:
    more = {"ways": Ways(**ways)} if ways else {}
    return letter.letter(made.view(nudges, language=language, **more)).items[0].actions


def texts(document: str, case: str, language: str = "en") -> list[str]:
    found = letter.letter(examples.VIEWS[document, case](language)).items[0].actions
    return [each.text for each in found[0].actions]


@pytest.mark.parametrize(
    ("document", "case", "first"),
    [
        ("contact_shortfall", "one", ["Contact logged", "Book", "Plan says too much", "Remind me later"]),
        ("plan_creation", "one", ["Done", "Remind me later", "Hand over"]),
        ("plan_creation", "approve", ["Read and decide", "Done"]),
        ("survey_dispatch", "list", ["Looked through"]),
        ("survey_dispatch", "detractor", ["Replied"]),
        ("survey_dispatch", "promoter", ["Said thank you"]),
        ("survey_dispatch", "call", ["Called"]),
        ("annual_meeting", "minutes", ["Written"]),
        ("annual_meeting", "release", ["Open the briefing", "Done"]),
        ("department_requests", "one", ["Delivered"]),
        ("department_requests", "refused", ["Read"]),
    ],
)
def test_the_first_button_says_what_closes_it(document: str, case: str, first: list[str]) -> None:
    assert texts(document, case)[: len(first)] == first


def test_a_shortfall_is_neither_done_nor_handed_over_but_one_without_data_can_be_given_away() -> None:
    (behind,) = offered(*made.contacts(made.cell(2, 6, 2, 2)))
    (unknown,) = offered(*made.no_data())

    assert [each.act for each in behind.actions] == ["contact", "book", "too_much", "snooze"]
    assert [each.act for each in unknown.actions] == ["contact", "snooze", "hand_over"]


def test_with_a_form_in_the_crm_a_contact_is_logged_there() -> None:
    (found,) = offered(*made.contacts(made.cell(2, 6, 2, 2)), forms={1: "https://crm.example.com/new/7"})

    assert (found.actions[0].act, found.actions[0].url) == ("crm", "https://crm.example.com/new/7")
    assert found.actions[1].act == "book"


def test_a_link_names_the_form_that_its_page_shows_first() -> None:
    (found,) = offered(made.plan(), nudges={21: "https://k.example.com/a/t"})

    assert [each.url for each in found.actions] == [
        f"https://k.example.com/a/t?do={act}" for act in ("done", "snooze", "hand-over")
    ]


def test_without_an_address_of_our_pages_a_button_has_none() -> None:
    (found,) = offered(made.plan(), nudges={})

    assert {each.url for each in found.actions} == {None}


def test_what_is_told_for_information_has_no_buttons() -> None:
    view = examples.VIEWS["ladder", "many"]("en")
    assert all(item.actions == () for item in letter.letter(view).items)


def test_several_nudges_are_told_apart_and_the_rest_is_on_the_list() -> None:
    nudges = tuple(replace(made.plan(each), id=each) for each in range(1, 7))
    found = offered(
        *nudges, made.plan(1, "position", date(2026, 9, 11)), own_list="https://k.example.com/list"
    )

    assert len(found) == MOST + 1
    assert (found[0].about, found[1].about) == ("Muster AG, own position", "Muster AG, hand-in")
    assert (found[-1].nudge, [each.act for each in found[-1].actions]) == (0, ["page"])


def test_a_deputy_has_the_buttons_of_whom_they_stand_in_for() -> None:
    (nudge,) = made.contacts(made.cell(2, 6, 2, 2), for_person=made.KRUSE)
    assert offered(nudge)[0].actions[0].act == "contact"

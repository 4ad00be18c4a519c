"""The buttons of a post: a row for each nudge, within Slack's limits."""

from dataclasses import replace
from typing import Any

import pytest

from kamflow.demo.slack.blocks import problems, too_long
from notifications.render import examples, slack
from notifications.render import training_example as made
from notifications.render.item import Action, Actions, Item
from notifications.render.slack_actions import Rows, row, rows_in, settled
from notifications.render.view import Posting, Ways

DONE, SNOOZE, PAGE = (
    Action("done", "Erledigt"),
    Action("snooze", "Später"),
    Action("page", "Seite", "https://x/"),
)


def elements(blocks: Any) -> list[dict[str, Any]]:
    return [each for block in blocks if block["type"] == "actions" for each in block["elements"]]


@pytest.mark.parametrize(("document", "case"), list(examples.VIEWS))
def test_every_message_is_a_post_that_slack_takes(document: str, case: str) -> None:
    views = {language: examples.VIEWS[document, case](language) for language in ("de", "en")}
    linked = {
        each: replace(view, ways=Ways(own_list="https://k.example/list")) for each, view in views.items()
    }

    blocks = {language: list(slack.post(view).blocks) for language, view in linked.items()}

    assert {language: found for language, post in blocks.items() if (found := problems(post))} == {}
    assert not [language for language, post in blocks.items() if too_long(post)]


def test_a_nudge_has_its_buttons_and_a_date_picker() -> None:
    (actions,) = row(Actions(17, (DONE, SNOOZE, PAGE)))

    assert actions["block_id"] == "n:17"
    assert [each["action_id"] for each in actions["elements"]] == [
        "kamflow:done",
        "kamflow:snooze",
        "kamflow:page",
    ]
    done, snooze, page = actions["elements"]
    assert (done["value"], done["style"], snooze["type"], page["url"]) == (
        "17",
        "primary",
        "datepicker",
        "https://x/",
    )


def test_of_many_nudges_each_is_named_and_the_rest_of_its_buttons_is_a_menu() -> None:
    label, actions = row(Actions(17, (DONE, SNOOZE, PAGE), "Muster AG"), short=True)

    assert label["elements"][0]["text"] == "Muster AG"
    button, menu = actions["elements"]
    assert button["action_id"] == "kamflow:done"
    assert [option["value"] for option in menu["options"]] == ["snooze:17", "page:17"]


def test_a_nudge_told_twice_has_its_buttons_once() -> None:
    rows, item = Rows(), Item("k", "t", actions=(Actions(17, (DONE,)), Actions(17, (DONE,))))

    first, second = rows.of(item, 50, 9000), rows.of(item, 50, 9000)

    assert (list(rows_in(first)), second) == ([17], [])


def test_without_room_there_are_no_buttons_rather_than_half_of_them() -> None:
    item = Item("k", "t", actions=tuple(Actions(number, (DONE, SNOOZE)) for number in (1, 2)))

    assert Rows().of(item, 1, 9000) == Rows().of(item, 50, 100) == []


def test_who_is_only_told_has_nothing_to_click() -> None:
    assert elements(slack.post(examples.VIEWS["ladder", "many"]("de")).blocks) == []


def test_the_form_of_the_crm_comes_first_where_there_is_one() -> None:
    ways = Ways(forms={1: "https://crm.example.com/log/7"})

    first, *others = elements(slack.post(made.view(examples.classic(), ways=ways)).blocks)

    assert (first["action_id"], first["url"]) == ("kamflow:crm", "https://crm.example.com/log/7")
    assert first["style"] == "primary"
    assert [each["action_id"] for each in others] == ["kamflow:book", "kamflow:too_much", "kamflow:snooze"]


def test_where_no_click_reaches_us_the_ways_are_links() -> None:
    ways = Ways(nudges={11: "https://k.example/a/t"})
    view = made.view(examples.classic(), ways=ways, posting=Posting(buttons=False))

    post = slack.post(view)

    assert elements(post.blocks) == []
    assert "https://k.example/a/t?do=contact" in str(post.blocks)


def test_what_became_of_a_nudge_stands_in_its_place_and_the_rest_stays() -> None:
    blocks = list(slack.post(made.view(examples.classic(), examples.three_plans())).blocks)
    number = next(rows_in(blocks))

    after = settled(blocks, {number: "Erledigt von Witt"})

    assert number not in list(rows_in(after))
    assert len(after) == len(blocks)
    assert sum(one != two for one, two in zip(blocks, after, strict=True)) == 1
    assert problems(after) == []
    assert settled(after, {number: "Erledigt von Witt"}) == after

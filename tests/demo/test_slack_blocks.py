import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kamflow.demo.slack.blocks import MOST_CHARACTERS, problems, too_long
from kamflow.demo.slack.views import view_problems

# Broken on purpose, or no Block Kit: payloads of events, attachments from before blocks.
NOT_BLOCKS = {"restaurants-broken.json", "MessagePayload.json", "BlockActionPayload.json", "message1.json"}


def section(text: str = "Muster AG", **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def header(text: str) -> dict[str, Any]:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": "Done"}} | changes


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements), **more}


def blocks_of(path: Path) -> list[Any]:
    """The blocks of a message, a view, an attachment, or a file that is one block."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if "attachments" in data:
        return [block for attachment in data["attachments"] for block in attachment["blocks"]]
    return data.get("blocks", [data])


def test_what_slack_accepts_is_accepted(shared_data: Callable[[str], Path]):
    files = [
        file for file in shared_data("oracle_slack_blockkit").rglob("*.json") if file.name not in NOT_BLOCKS
    ]

    refused = {file.name: problems(blocks_of(file)) for file in files}

    assert len(files) > 45
    assert {name: found for name, found in refused.items() if found} == {}


def test_a_broken_example_is_refused(shared_data: Callable[[str], Path]):
    broken = blocks_of(shared_data("oracle_slack_blockkit/block-kit-builder/restaurants-broken.json"))

    assert problems(broken) == ["[ERROR] must be an object [json-pointer:/blocks/0]"]


@pytest.mark.parametrize(
    ("blocks", "words", "pointer"),
    [
        ("text", "must be an array", ""),
        ([{"type": "divider"}] * 51, "no more than 50 items allowed", ""),
        ([{"type": "sektion"}], "unsupported type: sektion", "/0/type"),
        ([section("x" * 3001)], "must be less than 3001 characters", "/0/text/text"),
        ([section("")], "must be more than 0 characters", "/0/text/text"),
        ([{"type": "section"}], "missing required field: text", "/0"),
        ([section(color="red")], "invalid additional property: color", "/0"),
        (
            [section(accessory={"type": "plain_text_input"})],
            "unsupported type: plain_text_input",
            "/0/accessory/type",
        ),
        ([section(fields=[])], "no fewer than 1 items allowed", "/0/fields"),
        ([header("x" * 151)], "must be less than 151 characters", "/0/text/text"),
        (
            [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
            "unsupported type: mrkdwn",
            "/0/text/type",
        ),
        ([actions()], "no fewer than 1 items allowed", "/0/elements"),
        ([actions(*[button()] * 26)], "no more than 25 items allowed", "/0/elements"),
        ([actions(button(url="x"))], "invalid url", "/0/elements/0/url"),
        (
            [actions(button(url="https://x/" + "x" * 3000))],
            "must be less than 3001 characters",
            "/0/elements/0/url",
        ),
        ([actions(button(style="blue"))], "must be one of: primary, danger", "/0/elements/0/style"),
        ([actions(button(value="x" * 2001))], "must be less than 2001 characters", "/0/elements/0/value"),
        (
            [actions(button(action_id="a"), button(action_id="a"))],
            "action_id already exists: a",
            "/0/elements",
        ),
        ([section(block_id="a"), section(block_id="a")], "block_id already exists: a", ""),
        (
            [{"type": "context", "elements": [{"type": "divider"}]}],
            "unsupported type: divider",
            "/0/elements/0/type",
        ),
        ([{"type": "image", "image_url": "https://x/y.png"}], "missing required field: alt_text", "/0"),
        ([{"type": "rich_text", "elements": [{"type": "b"}]}], "unsupported type", "/0/elements/0"),
    ],
)
def test_each_mistake_is_named_with_its_place(blocks: Any, words: str, pointer: str):
    assert f"[ERROR] {words} [json-pointer:/blocks{pointer}]" in problems(blocks)


def test_the_same_action_may_stand_in_two_blocks():
    twice = [actions(button(action_id="done"), block_id=f"nudge:{number}") for number in range(2)]

    assert problems(twice) == []


def test_all_blocks_together_have_a_limit():
    assert not too_long([section("x" * 3000)] * 4)
    assert too_long([section("x" * (MOST_CHARACTERS // 4))] * 4)


def test_views_that_slack_accepts_are_accepted(shared_data: Callable[[str], Path]):
    files = list(shared_data("oracle_slack_blockkit").rglob("*.json"))
    views = {file.name: json.loads(file.read_text(encoding="utf-8")) for file in files}
    # What carries a hash is what Slack answered, with fields of its own.
    sent = {
        name: view
        for name, view in views.items()
        if isinstance(view, dict) and view.get("type") in ("modal", "home") and "hash" not in view
    }

    refused = {name: view_problems(view) for name, view in sent.items()}

    assert len(sent) > 20
    assert {name: found for name, found in refused.items() if found} == {}


@pytest.mark.parametrize(
    ("element", "words"),
    [
        (
            {"type": "datepicker", "action_id": "a", "initial_date": "7.9.2026"},
            "must be in YYYY-MM-DD format",
        ),
        ({"type": "number_input", "action_id": "a"}, "missing required field: is_decimal_allowed"),
        ({"type": "checkboxes", "action_id": "a", "options": []}, "no fewer than 1 items allowed"),
        ({"type": "static_select", "action_id": "a"}, "one of options, option_groups is required, not both"),
    ],
)
def test_each_mistake_of_a_field_is_named(element: dict[str, Any], words: str):
    block = {"type": "input", "label": {"type": "plain_text", "text": "Day"}, "element": element}

    assert any(words in each for each in problems([block]))

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from notifications.render import examples, slack
from notifications.render import training_example as made
from notifications.render.slack import BLOCKS, HEADER, SECTION, RenderedPost
from tests.notifications.render import mails

# Kinds of texts that Slack reads as markup.
MARKUP = {"mrkdwn", "markdown", "user", "channel", "usergroup", "broadcast", "emoji"}


def kinds(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["type"]] if "type" in value else []
        for part in value.values():
            yield from kinds(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from kinds(part)


def check(post: RenderedPost) -> None:
    """Slack's limits, and what slack-sdk itself validates."""
    assert 0 < len(post.text) <= 4000
    assert 0 < len(post.blocks) <= BLOCKS
    for block in post.blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        assert parsed.to_dict()["type"] == block["type"]
        assert slack.size(block) <= SECTION
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= HEADER
        if block["type"] == "context":
            assert 0 < len(block["elements"]) <= 10
            assert all(0 < len(element["text"]) <= SECTION for element in block["elements"])
    assert sum(map(slack.size, post.blocks)) <= slack.CHARACTERS + SECTION
    assert not MARKUP & set(kinds(post.blocks))


@pytest.mark.parametrize(("document", "case"), mails.OF_EACH)
def test_an_example_is_a_valid_post(document: str, case: str) -> None:
    complaints = {}
    for each in mails.in_each_language(document, case):
        try:
            check(slack.laid_out(mails.letter(*each)))
        except (AssertionError, SlackObjectFormationError) as wrong:
            complaints[each] = str(wrong)
    assert complaints == {}


@pytest.mark.parametrize("count", [1, 7, 30, 200])
def test_the_longest_names_stay_within_the_limits(count: int) -> None:
    check(slack.post(made.view(*([examples.longest()] * count), more=120)))


@pytest.mark.parametrize("length", [1, 150, 3000, 100_000])
def test_names_of_any_length_stay_within_the_limits(length: int) -> None:
    names = made.names("de")
    long = "ß" * length
    names.accounts[1] = names.accounts[1].__class__(long, "muster", long[:200])
    names.contacts[2] = names.contacts[2].__class__(long, long)
    names.targets[2] = names.persons[made.KRUSE] = long
    view = made.view(examples.classic(), (made.plan(),), names=names, redirected_from=long, company=long)
    check(slack.post(view))


def test_many_items_are_all_named() -> None:
    post = slack.post(made.view(*[made.contacts(made.cell(2, 6, 2, 2), account=1)] * 30))
    assert slack.as_text(post.blocks).count("Muster AG: 2 Kontakte hinter Plan") == 30


def test_a_post_says_what_the_mail_says() -> None:
    letter = examples.example("digest", "daily", "de")
    text = slack.as_text(slack.laid_out(letter).blocks)
    for item in letter.items:
        assert all(part in text for part in (item.title, item.due, item.why, item.next))
        assert all(line.head in text and line.text in text and line.badge in text for line in item.lines)


def test_the_fallback_text_says_what_to_do() -> None:
    post = slack.post(made.view(examples.classic()))
    assert post.text.startswith("Bis 15. September: 6 Kontakte vereinbaren, Muster AG")


def test_a_redirected_post_names_its_true_recipient_first() -> None:
    post = slack.post(made.view(examples.classic(), redirected_from="Jürgen Witt <witt@example.com>"))
    assert "Jürgen Witt <witt@example.com>" in slack.as_text(post.blocks[:1])
    assert "&lt;witt@example.com&gt;" in post.text.splitlines()[0]


def test_contacts_held_and_booked_are_drawn() -> None:
    cell = made.cell(3, 5, 2, 2, booked=1)
    assert "●●◐○○" in slack.as_text(slack.post(made.view(made.contacts(cell))).blocks)


def test_a_notice_is_a_post_too() -> None:
    facts = {"source": "SAP", "file_id": 7, "rejected": 1, "rows": 140}
    post = slack.notice("rejects", "en", facts, "Example Ltd", made.DAY)
    assert "1 of 140 rows was not taken in" in slack.as_text(post.blocks)

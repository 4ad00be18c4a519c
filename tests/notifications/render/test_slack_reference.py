"""`slack.detail = "reference"`: nothing of a customer's people and no figure is in a post."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifications.render import examples, slack, slack_reference
from notifications.render import training_example as made
from notifications.render.notice_examples import NOTICES
from notifications.render.slack_said import as_text
from notifications.render.view import NudgesView, Posting, Ways

LIST = "https://kamflow.example.com/list"
# How many, where the figure is a count of things to do.
COUNTED = re.compile(r"\b\d+ (Punkte|Themen|items|things)\b|\(\+\d+\)|und \d+ weitere|and \d+ more")


def private(language: str) -> Iterator[str]:
    """What may not be in a post: who works at customers, and everything that somebody wrote."""
    names = made.names(language)
    for contact in names.contacts.values():
        yield from (contact.name, contact.name.split()[-1], contact.position or contact.name)
    for kind in (
        "targets",
        "questions",
        "measures",
        "requests",
        "complaints",
        "notes",
        "returns",
        "comments",
    ):
        yield from getattr(names, kind).values()


OLD = {"14. März", "14 March"}  # the day of the data that reminders wait for


def without_what_may_stand(text: str, view: NudgesView, dates: set[str]) -> str:
    """The text without accounts, dates and counts."""
    for known in sorted((each.name for each in view.names.accounts.values()), key=len, reverse=True):
        text = text.replace(known, "").replace(known[:40], "")
    for each in sorted(filter(None, dates), key=len, reverse=True):
        text = text.replace(each, "")
    return COUNTED.sub("", text)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(("document", "case"), list(examples.VIEWS))
def test_no_name_and_no_figure_is_in_a_post(document: str, case: str, language: str) -> None:
    view = replace(
        examples.VIEWS[document, case](language), posting=Posting(reference=True), ways=Ways(own_list=LIST)
    )
    full = slack.letters.letter(view)

    post = slack.post(view)

    said = f"{post.text}\n{as_text(post.blocks)}"
    whole = json.dumps(post.blocks, ensure_ascii=False)
    assert not [name for name in private(language) if name in said + whole]
    assert not re.findall(r"\d", without_what_may_stand(said, view, {item.due for item in full.items} | OLD))
    assert all(item.kind in said for item in full.items)
    assert not full.items or LIST in whole


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(("document", "case"), list(NOTICES))
def test_a_notice_only_says_that_it_is_there(document: str, case: str, language: str) -> None:
    letter = slack_reference.notice(examples.example(document, case, language), language, LIST)

    post = slack.laid_out(letter)

    said = f"{post.text}\n{as_text(post.blocks)}"
    assert not [name for name in private(language) if name in said]
    assert not re.findall(r"\d", said)

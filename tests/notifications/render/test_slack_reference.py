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
from tests.notifications.render import mails

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


def given_away(view: NudgesView, language: str) -> dict[str, list[str]]:
    """What a post says and may not, or has to say and does not."""
    view = replace(view, posting=Posting(reference=True), ways=Ways(own_list=LIST))
    full = slack.letters.letter(view)

    post = slack.post(view)

    said = f"{post.text}\n{as_text(post.blocks)}"
    whole = json.dumps(post.blocks, ensure_ascii=False)
    return {
        "names": [name for name in private(language) if name in said + whole],
        "figures": re.findall(
            r"\d", without_what_may_stand(said, view, {item.due for item in full.items} | OLD)
        ),
        "kinds not said": [item.kind for item in full.items if item.kind not in said],
        "ways not shown": [LIST] if full.items and LIST not in whole else [],
    }


@pytest.mark.parametrize(("document", "case"), list(examples.VIEWS))
def test_no_name_and_no_figure_is_in_a_post(document: str, case: str) -> None:
    for language in ("de", "en"):
        found = given_away(examples.VIEWS[document, case](language), language)
        assert {language: {what: which for what, which in found.items() if which}} == {language: {}}


@pytest.mark.parametrize(("document", "case"), list(NOTICES))
def test_a_notice_only_says_that_it_is_there(document: str, case: str) -> None:
    for language in ("de", "en"):
        letter = slack_reference.notice(mails.letter(document, case, language), language, LIST)

        post = slack.laid_out(letter)

        said = f"{post.text}\n{as_text(post.blocks)}"
        names = [name for name in private(language) if name in said]
        assert (language, names, re.findall(r"\d", said)) == (language, [], [])

"""All 515 naughty strings as names, positions, topics and questions: literal, and nothing else."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from kamflow.store.names import AccountName, ContactName, Names
from notifications.message import Mail
from notifications.render import examples, html, slack
from notifications.render import training_example as made
from notifications.render.literal import clean
from notifications.render.view import NudgesView
from tests import shared_data
from tests.notifications.render.page import Page, squeezed
from tests.notifications.render.test_slack import check, kinds

CHUNKS = 5
# The whole way of all of them is in tests/end_to_end; here one part of five each time, the others when slow.
PARTS = [pytest.param(n, marks=pytest.mark.slow) if n else n for n in range(CHUNKS)]


@cache
def strings() -> list[str]:
    return json.loads((shared_data.path("nasty_blns") / "blns.json").read_text(encoding="utf-8"))


def named(text: str) -> NudgesView:
    """A digest in which everything a customer or colleague can have written is this text."""
    names = Names(
        persons={1: text, 2: text},
        contacts={number: ContactName(text, text) for number in range(1, 5)},
        accounts={number: AccountName(text, text, text[:100]) for number in range(1, 5)},
        targets=dict.fromkeys(range(1, 5), text),
        questions=dict.fromkeys(range(1, 4), text),
    )
    items = (examples.classic(), examples.three_plans())
    return made.view(*items, names=names, company=text, redirected_from=text or None)


def harmless() -> NudgesView:
    return named("Muster AG")


def structure(view: NudgesView) -> tuple[list[str], int]:
    page = Page(html.mail(view).html)
    return tags(page), len(page.links)


def tags(page: Page) -> list[str]:
    """Without rows: beside a long word a chip has no room and gets a row of its own."""
    return [tag for tag in page.tags if tag != "tr"]


def some(part: int) -> Iterator[str]:
    return (text for text in strings()[part::CHUNKS] if text.strip())


@pytest.mark.parametrize("part", PARTS)
def test_a_string_is_literal_in_a_mail_and_changes_nothing_else(part: int) -> None:
    expected = structure(harmless())
    lines = html.mail(harmless()).text.count("\n")
    for text in some(part):
        mail = html.mail(named(text))
        page = Page(mail.html)
        shown = squeezed(clean(text))
        assert shown in page.text, text
        assert shown in squeezed(mail.text), text
        assert mail.text.count("\n") == lines, text
        assert (tags(page), len(page.links)) == expected, text
        ours = ("https://crm.example.com/accounts/", "https://kamflow.example.com/a/")
        assert all(link.startswith(ours) for link in page.links), text
        assert page.loads == [], text
        check_headers(mail)


def check_headers(mail: html.RenderedMail) -> None:
    """Nothing but a subject line, of a length that is shown, in a mail that the channel takes."""
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", mail.subject), mail.subject
    assert 0 < len(mail.subject) <= 110
    Mail(
        to="a@example.com",
        sender="b@example.com",
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id="<1@example.com>",
    )


@pytest.mark.parametrize("part", PARTS)
def test_a_string_is_literal_in_a_post_and_changes_no_block(part: int) -> None:
    expected = list(kinds(said(slack.post(harmless()).blocks)))
    for text in some(part):
        post = slack.post(named(text))
        check(post)
        assert not re.search(r"<(?:[!@#]|https?:)", post.text), text
        if len(text) < 100:
            assert list(kinds(said(post.blocks))) == expected, text
            assert clean(text).strip() in slack.as_text(post.blocks), text


def said(blocks: Iterable[Any]) -> list[Any]:
    """What a post says; how many buttons fit below it depends on the length of the names."""
    return [each for each in blocks if each["type"] != "actions" and "block_id" not in each]


def test_a_template_in_a_name_stays_a_name() -> None:
    mail = html.mail(named("{{ 7 * 7 }}{% raw %}%(account)s<mj-raw>&lt;b&gt;"))
    assert "{{ 7 * 7 }}{% raw %}%(account)s<mj-raw>&lt;b&gt;" in Page(mail.html).text


def test_an_empty_name_is_called_unknown() -> None:
    mail = html.mail(named("   "))
    assert "(Name unbekannt): 6 Kontakte hinter Plan" in mail.text

"""The frame that is laid out once, held against mrml's own work on every whole mail."""

import re
from dataclasses import replace

import mrml
import pytest

from notifications.render import html
from notifications.render.house import House
from notifications.render.item import Letter, Link
from notifications.render.picture import pictures
from tests.notifications.render import mails

BETWEEN = re.compile(r"\s*([<>])\s*")
ODD = "<b>\"'&amp; {{ 7 * 7 }} {% endif %} jinja1held ä\N{NO-BREAK SPACE}</td></mj-raw>-->"
PLAIN = re.sub(r"[^\w ]", "x", ODD)


@pytest.fixture(autouse=True)
def no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left out of a long mail: the whole is compared."""
    monkeypatch.setattr(html, "LIMIT", 1 << 30)


def words(text: str) -> str:
    """The HTML with one space for any white space, and none beside a tag."""
    return BETWEEN.sub(r"\1", " ".join(text.split()))


def whole(letter: Letter) -> str:
    """What mrml makes of the mail in one piece."""
    return mrml.to_html(html.mjml(letter, pictures(letter, House()))).content


@pytest.mark.parametrize(("document", "case"), mails.OF_EACH)
def test_the_frame_is_what_mrml_makes_of_the_whole_mail(document: str, case: str) -> None:
    for language in ("de", "en"):
        letter = mails.letter(document, case, language)
        made = html.laid_out(letter).html
        assert words(made) == words(whole(letter))
        # What a mail says is sent by number where it is not ASCII; a style sheet has no such numbers.
        assert all(style.isascii() for style in re.findall(r"<style.*?</style>", made, re.DOTALL))


def saying(text: str) -> Letter:
    """A letter with this text wherever it can say something."""
    letter = mails.letter("contact_shortfall", "one", "de")
    link = Link(text, f"https://crm.example/?a=1&b={text}")
    lines = tuple(replace(each, head=text, about=text) for each in letter.items[0].lines)
    words = {"kind", "due", "title", "rest", "why", "next"}
    item = replace(letter.items[0], marks=(text,), proposals=(text,), link=link, lines=lines)
    item = replace(item, **dict.fromkeys(words, text))
    words = {"subject", "preheader", "banner", "day", "kind", "heading", "intro", "more", "badge", "brand"}
    letter = replace(letter, items=(item,), footer=(text,), link=link, tone="due")
    return replace(letter, **dict.fromkeys(words, text))


def test_what_the_data_say_is_never_part_of_the_frame() -> None:
    odd, plain = (html.laid_out(saying(each)).html for each in (ODD, PLAIN))

    for mark in "<", ">", '"', "-->":
        assert odd.count(mark) == plain.count(mark)
    assert odd.count("{{ 7 * 7 }} {% endif %} jinja1held") == plain.count("jinja1held") > 19

"""What stands in place of an erased name is said in the reader's language, wherever it is printed."""

import pytest

from kamflow.store.erasing import CALLED
from notifications.render import letter as letters
from notifications.render import slack
from notifications.render.environment import environment, translations
from tests.notifications.render.test_naughty_strings import named


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Gelöschter Ansprechpartner trifft gelöschte Person, Müller"),
        ("de-CH@du", "Gelöschter Ansprechpartner trifft gelöschte Person, Müller"),
        ("en", "Erased contact trifft erased person, Müller"),
    ],
)
def test_the_words_are_the_reader_s(language: str, said: str) -> None:
    template = environment(language).from_string("{{ who | sentence }} trifft {{ other }}, {{ third }}")

    assert template.render(who="erased contact", other="erased person", third="Müller") == said


@pytest.mark.parametrize("word", CALLED.values())
def test_a_post_and_what_stands_beside_it_say_them_too(word: str) -> None:
    letter = letters.letter(named(word))

    assert word in str(named(word))
    assert word not in str(letter).lower()
    assert word not in str(slack.post(named(word))).lower()


def test_html_stays_escaped() -> None:
    template = environment("de").from_string("{{ who }}")

    assert template.render(who="<b> erased contact") == "&lt;b&gt; gelöschter Ansprechpartner"


def test_the_words_of_the_data_are_translated() -> None:
    template = environment("de").from_string("{{ who }}")

    assert all(translations("de").gettext(word) != word for word in CALLED.values())
    assert all(template.render(who=word) != word for word in CALLED.values())

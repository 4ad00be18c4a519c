"""What stands in place of an erased name is said in the reader's language, wherever it is printed."""

import pytest

from kamflow.store.erasing import CALLED
from notifications.render.environment import environment, translations


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


def test_html_stays_escaped() -> None:
    template = environment("de").from_string("{{ who }}")

    assert template.render(who="<b> erased contact") == "&lt;b&gt; gelöschter Ansprechpartner"


def test_the_words_of_the_data_are_translated() -> None:
    assert all(translations("de").gettext(word) != word for word in CALLED.values())

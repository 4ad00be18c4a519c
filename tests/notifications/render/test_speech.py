import re

import pytest

from notifications.render import examples, speech
from notifications.render.environment import module
from notifications.render.letter import TO_CUSTOMERS
from notifications.render.notice_examples import NOTICES
from tests.notifications.render.test_catalogue import ADDRESS


def said(language: str, document: str = "calendar_entry", case: str = "invitation") -> str:
    """Every text of an example."""
    return repr(examples.example(document, case, language))


@pytest.mark.parametrize(
    ("language", "form", "tag"),
    [
        ("de", "sie", "de"),
        ("de", "du", "de@du"),
        ("de-AT", "du", "de-AT@du"),
        ("de-AT@du", "sie", "de-AT"),
        ("en", "du", "en"),
        ("fr", "du", "fr"),
    ],
)
def test_only_german_has_a_form_of_address(language: str, form: speech.Form, tag: str):
    assert speech.addressed(language, form) == tag


def test_colleagues_are_said_sie_unless_the_company_says_du():
    assert "Ein Termin für Ihren Kalender" in said("de")
    assert "Ein Termin für deinen Kalender" in said("de@du")
    assert "Ein Termin für deinen Kalender" in said("de-AT@du")


def test_a_customer_is_said_sie_whatever_colleagues_say():
    for document in TO_CUSTOMERS & {document for document, _ in NOTICES}:
        for case in examples.cases(document):
            assert said("de@du", document, case) == said("de", document, case)


def test_a_message_to_a_colleague_keeps_to_one_form():
    to_colleagues = [key for key in (*examples.VIEWS, *examples.NOTICES) if key[0] not in TO_CUSTOMERS]
    assert not [key for key in to_colleagues if re.search(ADDRESS["sie"], said("de@du", *key))]
    assert not [key for key in to_colleagues if re.search(ADDRESS["du"], said("de", *key))]


def test_swiss_readers_find_no_sharp_s_in_our_words_but_in_names():
    words = module("de-CH", "digest/words.j2")
    assert str(words.more(2)).strip() == str(module("de", "digest/words.j2").more(2)).strip().replace(
        "ß", "ss"
    )
    assert str(module("de-CH", "annual_meeting/item.j2").kind()) == "Jahresgespräch"
    assert "Maßnahme" in str(module("de", "measure_followup/item.j2").kind())
    assert "Massnahme" in str(module("de-CH", "measure_followup/item.j2").kind())
    assert "Straßer" in str(words.heading("Straßer"))

from functools import cache

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from notifications.render.environment import DOMAIN, folder


@cache
def wanted() -> Catalog:
    """Every text of the templates."""
    found = Catalog()
    for file, line, texts, _, context in extract_from_dir(
        folder(),
        method_map=[("**.j2", "jinja2.ext:babel_extract")],
        options_map={"**.j2": {"trimmed": "true", "extensions": "jinja2.ext.do", "silent": "false"}},
    ):
        found.add(texts, None, [(file, line)], context=context)
    return found


@cache
def german() -> Catalog:
    with (folder() / "locale" / "de" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as source:
        return read_po(source, locale="de", abort_invalid=True)


def test_every_text_is_in_the_german_catalogue() -> None:
    missing = [
        (message.id, message.locations) for message in wanted() if message.id and not _of(german(), message)
    ]
    assert not missing


def test_every_entry_is_translated_and_not_fuzzy() -> None:
    for message in german():
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(texts), message.id
            assert len(texts) == (2 if message.pluralizable else 1), message.id
            assert not message.fuzzy, message.id


def test_no_entry_is_left_over() -> None:
    assert not [message.id for message in german() if message.id and not _of(wanted(), message)]
    assert not german().obsolete


def test_a_translation_uses_the_placeholders_of_its_text() -> None:
    assert not [(message.id, error) for message, errors in german().check() for error in errors]


def _of(catalogue: Catalog, message: object) -> object:
    number = message.id[0] if isinstance(message.id, tuple) else message.id
    found = catalogue.get(number, message.context)
    return found if found is not None and found.id == message.id else None


@pytest.mark.parametrize("words", ["Leitung KAM", "einen Blick", "Zelle", "Kunde geschlossen"])
def test_german_readers_find_the_words_they_know(words: str) -> None:
    assert not [message.id for message in german() if message.id and words in str(message.string)]

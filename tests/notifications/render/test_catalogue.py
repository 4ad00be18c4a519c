"""The texts of the templates against the catalogues: nothing missing, nothing left over, nothing altered."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from notifications.render.environment import catalogue, folder
from notifications.render.letter import TO_CUSTOMERS

ROOT = folder().parent
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# How a reader is called by each form of address.
ADDRESS = {
    "sie": r"\b(Sie|Ihnen|Ihr(e[mnrs]?)?)\b",
    "du": r"\b([Dd]u|[Dd]ein(e[mnrs]?)?|[Dd]ich|[Dd]ir|[Ee]uch|[Ee]uer|[Ee]ure[mnrs]?)\b",
}


@cache
def wanted() -> Catalog:
    """Every text of the templates and of Python, as `make messages` finds them."""
    found = Catalog()
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["babel"]
    methods = [(each["pattern"], each["method"]) for each in mappings["mappings"]]
    options = {
        each["pattern"]: {key: str(said) for key, said in each.items()} for each in mappings["mappings"]
    }
    for place in ("kamflow", "notifications", "flows", "templates"):
        for file, line, texts, _, context in extract_from_dir(ROOT / place, methods, options):
            found.add(texts, None, [(f"{place}/{file}", line)], context=context)
    return found


@cache
def german(name: str = "de") -> Catalog:
    with catalogue(name).open("rb") as source:
        return read_po(source, locale="de", abort_invalid=True)


def entries(name: str = "de") -> Iterator[Message]:
    return (message for message in german(name) if message.id)


def test_every_text_is_in_the_german_catalogue():
    missing = [
        (message.id, message.locations) for message in wanted() if message.id and not _of(german(), message)
    ]
    assert not missing, "run `make messages` and translate what is new"


@pytest.mark.parametrize("name", ["de", "de@du"])
def test_every_entry_is_translated_and_not_fuzzy(name: str):
    for message in entries(name):
        texts = _forms(message.string)
        assert all(texts), message.id
        assert len(texts) == (2 if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("name", ["de", "de@du"])
def test_no_entry_is_left_over(name: str):
    assert not [message.id for message in entries(name) if not _of(wanted(), message)]
    assert not german(name).obsolete


@pytest.mark.parametrize("name", ["de", "de@du"])
def test_a_translation_has_the_placeholders_of_its_text(name: str):
    """All of them, in each form; only the number itself may be a word in one of them."""
    assert not [(message.id, error) for message, errors in german(name).check() for error in errors]
    for message in entries(name):
        known = set().union(*(PLACEHOLDER.findall(text) for text in _forms(message.id)))
        for source, text in zip(_forms(message.id), _forms(message.string), strict=True):
            said = set(PLACEHOLDER.findall(text))
            assert said <= known, message.id
            assert set(PLACEHOLDER.findall(source)) - said <= {"n", "number", "count"}, message.id


def test_paper_takes_its_words_from_the_templates():
    """typst lays out; a text in it would be in no catalogue. Two words in a row are a text."""
    for path in folder().rglob("*.typ"):
        code = "\n".join(line.partition("//")[0] for line in path.read_text(encoding="utf-8").splitlines())
        assert not re.findall(r'"[A-ZÄÖÜ]?[a-zäöüß]{2,} [a-zäöüß]{2,}[^"]*"', code), path


def test_a_formal_catalogue_never_says_du():
    assert not [message.id for message in entries() if _says("du", message)]


def test_whoever_says_du_finds_no_sie_in_a_message_to_a_colleague():
    """What the catalogue of "du" leaves to the other one must not speak to the reader at all."""
    assert not [message.id for message in entries("de@du") if _says("sie", message)]
    left = (each for each in entries() if not _of(german("de@du"), each) and not _only_to_customers(each))
    assert not [message.id for message in left if _says("sie", message)]


def test_no_text_to_a_customer_stands_in_the_catalogue_of_du():
    assert not [message.id for message in entries("de@du") if _only_to_customers(message)]


@pytest.mark.parametrize("words", ["Leitung KAM", "einen Blick in", "Zelle", "Kunde geschlossen"])
def test_german_readers_find_the_words_they_know(words: str):
    assert not [message.id for message in entries() if words in str(message.string)]


def _of(catalogue: Catalog, message: Message) -> Message | None:
    found = catalogue.get(_forms(message.id)[0], message.context)
    return found if found is not None and found.id == message.id else None


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _says(form: str, message: Message) -> bool:
    return any(re.search(ADDRESS[form], text) for text in _forms(message.string))


def _only_to_customers(message: Message) -> bool:
    found = _of(wanted(), message)
    return found is not None and all(Path(file).parts[1] in TO_CUSTOMERS for file, _ in found.locations)


@pytest.mark.parametrize("name", ["msgid", "msgstr"])
def test_a_text_that_says_to_send_a_message_again_says_which(name: str):
    texts = [str(each.id if name == "msgid" else each.string) for each in entries()]
    commands = [said for text in texts for said in re.findall(r"kamflow outbox retry.*", text)]
    assert commands == ["kamflow outbox retry %(number)s"]

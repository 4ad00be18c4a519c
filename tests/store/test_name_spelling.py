"""A name is found however people write it, and other words are left alone."""

import pytest

from kamflow.store.name_spelling import apart, spellings

SPELLED = spellings("Jürgen", "Müller", ["j.mueller@example.de", "+49 89 123456"])


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("Mit Juergen Mueller sprechen", True),
        ("MÜLLER, JÜRGEN", True),
        ("J. Müller", True),
        ("Hr. Müllers Wunsch", True),
        ("Frau Dr. Mueller", True),
        ("J.Mueller@Example.de", True),
        ("Tel. +49 89 123456", True),
        ("Mu\N{COMBINING DIAERESIS}ller sagt", False),
        ("MUELLER sagt", False),
        ("Müllers Angebot", False),
    ],
)
def test_a_name_is_found(text: str, sure: bool) -> None:
    assert SPELLED.found(text)
    assert SPELLED.found(text, lone=False) == sure
    assert "ller" not in SPELLED.swapped(text, "[x]", lone=True).casefold()


@pytest.mark.parametrize(
    "text", ["Müllerin", "mueller", "Obermüller", "x@j.mueller@example.de.evil", "Jürgen"]
)
def test_another_word_is_left_alone(text: str) -> None:
    assert SPELLED.swapped(text, "[x]", lone=True) == text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Dr. Kruse", (None, "Kruse")),
        ("Anna von Berg", ("Anna", "von Berg")),
        ("Prof. Dr. Eva Maria Groß", ("Eva Maria", "Groß")),
        ("", (None, "")),
    ],
)
def test_a_full_name_is_taken_apart(name: str, parts: tuple[str | None, str]) -> None:
    assert apart(name) == parts

"""A workbook as Excel reads it: typed cells, literal text, never a formula."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from notifications.parts import printable
from notifications.render.xlsx import Sheet, Toned, workbook
from tests.documents import told

DAY = date(2026, 11, 4)
FORMULAS = [
    "=1+1",
    "https://example.com",
    "+49 89 123",
    "-5",
    "@SUM(A1)",
    '=HYPERLINK("https://example.com","x")',
    "\t=1",
    "{=A1}",
]


def written(*texts: str) -> bytes:
    sheet = Sheet("Names", ("Name",), ("text",), [(text,) for text in texts])
    return workbook([sheet], DAY)


def read(content: bytes, name: str) -> list[list[object]]:
    return told.sheets(content)[name]


def test_numbers_and_dates_are_what_they_are() -> None:
    row = ("Muster AG", Decimal("1234567.89"), 94.9, 3, date(2026, 9, 30))
    sheet = Sheet("All", ("a", "b", "c", "d", "e"), ("text", "money", "percent", "whole", "date"), [row])
    _, [name, money, percent, whole, day] = read(workbook([sheet], DAY), "All")
    assert (name, money, percent, whole) == ("Muster AG", 1234567.89, 0.949, 3)
    assert day == date(2026, 9, 30)


def test_what_is_unknown_is_said_and_nothing_to_say_is_empty() -> None:
    sheet = Sheet(
        "All", ("a", "b", "c"), ("money", "date", "money"), [(None, None, ""), (0, "", Toned(1, "over"))]
    )
    _, first, second = read(workbook([sheet], DAY, unknown="unbekannt"), "All")
    assert first == ["unbekannt", "unbekannt", ""]
    assert second == [0, "", 1]


@pytest.mark.parametrize("text", FORMULAS)
def test_text_never_becomes_a_formula(text: str) -> None:
    content = written(text)
    assert read(content, "Names")[1] == [text]
    assert told.formulas(content) == []
    assert "<hyperlinks>" not in told.of_workbook(content)


def test_naughty_strings_stand_there_literally(shared_data: Callable[[str], Path]) -> None:
    texts = json.loads(shared_data("nasty_blns/blns.json").read_text(encoding="utf-8"))
    content = written(*texts)
    found = [row[0] for row in read(content, "Names")[1:]]
    assert found == [printable(text.replace("\r\n", "\n").replace("\r", "\n")) for text in texts]
    assert told.formulas(content) == []


def test_a_table_has_a_head_that_filters_and_stays() -> None:
    sheet = Sheet("Plan", ("Name",), ("text",), [("x",)], title="Title", notes=("Note",))
    page = told.of_workbook(workbook([sheet], DAY))
    assert '<autoFilter ref="A4:A5"/>' in page
    assert 'ySplit="4"' in page
    assert 'state="frozen"' in page


@pytest.mark.parametrize(
    ("names", "tabs"),
    [
        (("A/B:[c]", "a b c"), ["A B c", "a b c 2"]),
        (("History", "'"), ["History 2", "-"]),
        (("x" * 40, "x" * 40), ["x" * 30 + "…", "x" * 26 + "… 2"]),
    ],
)
def test_names_of_sheets_are_what_excel_takes(names: tuple[str, ...], tabs: list[str]) -> None:
    assert list(told.sheets(workbook([Sheet(name, ("a",), ("text",), []) for name in names], DAY))) == tabs


def test_a_text_longer_than_a_cell_is_cut() -> None:
    [_, [text], [astral]] = read(written("a" * 40_000, "\U0001f600" * 20_000), "Names")
    assert (len(str(text)), str(text)[-1]) == (32_767, "…")
    assert len(str(astral).encode("utf-16-le")) // 2 <= 32_767


def test_the_same_sheets_give_the_same_bytes() -> None:
    assert written("Muster AG") == written("Muster AG")

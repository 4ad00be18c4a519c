"""Naughty strings on paper and in charts: literal, and nothing else."""

import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest

from notifications.render import chart, fonts, pdf
from notifications.render.house import House
from notifications.render.item import Bars, Cell, Field, Figure, Item, Line, Point, Series, Table, Trend
from notifications.render.literal import clean
from tests import shared_data
from tests.notifications.render.papers import letter, letters_of, right_to_left, structure, text_of

HOUSE = House(company="Beispiel Technik GmbH")
# A few of our own, so that something is always tried where the shared file is not.
OURS = (
    '#set page(fill: red); #panic("x")',
    "$ sum_(i=0)^n i $ @ref <label> // comment",
    "*bold* _it_ `raw` ~ \\ \\u{48} -- --- ... 'q' \"q\"",
    "= Heading\n- item\n+ item\n/ term: it",
    "<script>alert(1)</script>&amp;<b>",
    "{{ 7 * 7 }} {% raw %} ${7*7} %(n)s",
    "hasOwnProperty",
    "toString",
    "\x00\x01\x1f\x7f\ue000\ufeff",
    "👩‍🚒 Müller & Söhne GmbH & Co. KG",
    "שלום עולם",
    "مرحبا بالعالم",
    "Z̮̞̠͙͔ͅa̪l̝g̩o̗",
    "x" * 300,
    "\u202eevil\u202c",
    "-> <= != ... fi ffl",
    '";DROP TABLE accounts;--',
)
SVG = "{http://www.w3.org/2000/svg}"


@cache
def strings() -> list[str]:
    found = json.loads((shared_data.path("nasty_blns") / "blns.json").read_text(encoding="utf-8"))
    return [text for text in found if text.strip()]


def check_paper(texts: list[str], folder: Path) -> None:
    """Each text stands between the number before it and the one after it."""
    lines = tuple(Line(f"[[{at}]]", text=text) for at, text in enumerate(texts))
    said = text_of(pdf.paper(letter(0, "H", items=(Item("List", "", lines=lines),)), HOUSE), folder)
    ends = (
        r"Beispiel Technik GmbH · as of 1 September 2026 Page \d+ of \d+\n\f(H Briefing\n)?|From kamflow\.\n"
    )
    parts = re.split(r"\[\[(\d+)\]\]", re.sub(ends, "", said))
    found = dict(zip(map(int, parts[1::2]), parts[2::2], strict=True))
    for at, text in enumerate(texts):
        shown, wanted = letters_of(found[at]), letters_of(fonts.drawable().text(clean(text)))
        assert shown == wanted or (right_to_left(text) and sorted(shown) == sorted(wanted)), text


def test_our_own_naughty_strings_are_literal_on_paper(tmp_path: Path) -> None:
    check_paper(list(OURS), tmp_path)


def test_every_naughty_string_is_literal_on_paper(tmp_path: Path) -> None:
    check_paper(strings(), tmp_path)


def tags(texts: list[str]) -> list[str]:
    """The structure of a paper in which each text is a name, a note, a title, a cell and a label."""
    items = tuple(
        Item(
            text,
            text,
            marks=(text,),
            lines=(Line(text, about=text, text=text, notes=(text,), badge="due", tone="due"),),
            tables=(Table((text, "n"), ((Cell(text), Cell("1")),), frozenset({1}), text),),
            figures=(Figure(text, text, text, text),),
            proposals=(text,),
            rest=text,
        )
        for text in texts
    )
    made = pdf.paper(letter(0, texts[0], items=items, day=texts[0], kind=texts[0], badge=texts[0]), HOUSE)
    return [tag for tag in structure(made) if tag != "Span"]


def check_structure(texts: list[str]) -> None:
    shown = [clean(text).strip() or "-" for text in texts]
    assert tags(shown) == tags(["Muster AG"] * len(shown))


def test_our_own_naughty_strings_change_nothing_in_the_structure() -> None:
    check_structure(list(OURS))


def test_no_naughty_string_changes_the_structure() -> None:
    check_structure(strings()[::16])


@pytest.mark.slow
def test_not_one_naughty_string_changes_the_structure() -> None:
    check_structure(strings())


def drawn(texts: list[str]) -> list[ET.Element]:
    """The pictures of three charts in which the texts are names."""
    values = tuple(float(at) for at in range(len(texts)))
    names = tuple(texts)
    charts = (
        Bars("a", "a", "€", names, Series(names[0], values), Series(names[-1], values), lying=True),
        Trend("b", "b", "", names, (Series(names[0], values),), 0, len(texts)),
        Field("c", "c", "x", "y", ("1", "2", "3", "4"), tuple(Point(text, 50, 50) for text in names)),
    )
    return [ET.fromstring(chart.svg(each, "de_DE", HOUSE, 12_000)) for each in charts]  # noqa: S314 - ours


@cache
def harmless(count: int) -> set[str]:
    return kinds(drawn([f"n{at}" for at in range(count)]))


def kinds(pictures: list[ET.Element]) -> set[str]:
    return {each.tag for picture in pictures for each in picture.iter()}


def check_charts(texts: list[str]) -> None:
    """Each name is the whole text of an element, spaces at its ends aside, and makes none of another kind."""
    for first in range(0, len(texts), 64):
        part = texts[first : first + 64]
        pictures = drawn(part)
        said = {"".join(each.itertext()).strip() for each in pictures[0].iter(f"{SVG}text")}
        assert not {clean(text).strip().strip("\ufeff") for text in part} - {*said, ""}
        assert kinds(pictures) == harmless(len(part))


def test_our_own_naughty_strings_are_literal_in_charts() -> None:
    check_charts([text for text in OURS if len(text) < 100])


@pytest.mark.slow
def test_every_naughty_string_is_literal_in_charts() -> None:
    check_charts(strings())


def test_a_picture_for_mail_holds_a_name_of_any_kind() -> None:
    bars = Bars("a", "a", "", OURS, Series("s", tuple(map(float, range(len(OURS))))), lying=True)
    assert chart.png(bars, "de_DE", HOUSE).startswith(b"\x89PNG")

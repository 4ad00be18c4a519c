from dataclasses import replace

import pytest

from notifications.render import pdf
from notifications.render.house import House, Logo
from notifications.render.item import Bars, Cell, Item, Letter, Series, Table
from tests.notifications.render.papers import alternatives, letter, letters_of, read, structure

HOUSE = House(company="Beispiel Technik GmbH")
MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">'
    '<rect width="90" height="30" fill="#0b5f67"/><text x="9" y="21" font-family="Arial">AG</text></svg>'
)
SHORT = "Knut Beispiel"
LONG = "Vereinigte Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH " * 3


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, SHORT), (1, SHORT), (5, SHORT), (60, SHORT), (1, LONG), (60, LONG), (5, "x" * 600)],
)
def test_a_page_is_one_page_whatever_is_on_it(count: int, text: str) -> None:
    made = read(pdf.one_page([letter(count, text)], HOUSE))
    assert len(made.pages) == 1
    said = letters_of(made.pages[0].extract_text())
    for heading in ("Whoyoumeet", "Howbusinesswent", "Whomeetswhom", "Whatisopen"):
        assert heading in said
    assert ("Detailsareleftouthere" in said) == (count == 60 or (count == 5 and text != SHORT))


def test_the_first_letter_that_fits_is_taken() -> None:
    variants = [letter(count, intro=f"With {count} lines.") for count in (60, 20, 3, 1)]
    assert "With 3 lines." in read(pdf.one_page(variants, HOUSE)).pages[0].extract_text()


def test_a_paper_has_as_many_pages_as_it_needs() -> None:
    short, long = (read(pdf.paper(letter(count), HOUSE)) for count in (1, 60))
    assert len(short.pages) == 1
    assert len(long.pages) > 4
    assert all(
        f"Page {at} of {len(long.pages)}" in page.extract_text() for at, page in enumerate(long.pages, 1)
    )


def test_a_german_paper_counts_its_pages_in_german() -> None:
    text = read(pdf.paper(letter(1, locale="de_AT"), HOUSE)).pages[0].extract_text()
    assert "Seite 1 von 1" in text
    assert "Stand 1. September 2026" in text


def test_a_long_word_in_a_narrow_column_is_hyphenated_and_a_date_stays_whole() -> None:
    names = ("Feinwerk Präzisionsblechbearbeitung GmbH", "Donaudampfschifffahrtsgesellschaft mbH")
    rows = tuple((Cell(name), *(Cell("1.051.000 €"),) * 7, Cell("30.9.2026")) for name in names)
    table = Table(("Kunde", *("Umsatz",) * 7, "Stand"), rows, frozenset(range(1, 8)))
    said = replace(letter(0, locale="de_DE"), items=(Item("Ampeln", "", tables=(table,)),))
    text = read(pdf.paper(said, HOUSE)).pages[0].extract_text().replace("\N{SOFT HYPHEN}", "-")
    assert text.count("30.9.2026") == 2
    assert "-\n" in text
    for word in ("Präzisionsblechbearbeitung", "Donaudampfschifffahrtsgesellschaft"):
        assert word in text.replace("-\n", "")


@pytest.mark.parametrize("one", [True, False], ids=["page", "paper"])
def test_a_document_says_what_it_is(one: bool) -> None:
    said = letter(2, "Muster AG", "de_CH")
    document = read(pdf.one_page([said], HOUSE) if one else pdf.paper(said, HOUSE))
    root = document.trailer["/Root"]
    assert (document.metadata.title, document.metadata.author) == ("Muster AG", "Beispiel Technik GmbH")
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("de-CH", True)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert f"{document.metadata.creation_date:%Y-%m-%d}" == "2026-09-01"
    described = root["/Metadata"].get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in described
    assert "<pdfaid:part>2</pdfaid:part>" in described
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in described


def test_headings_tables_and_pictures_are_tagged_in_their_order() -> None:
    tags = structure(pdf.one_page([letter(2)], HOUSE))
    assert [tag for tag in tags if tag in ("H1", "H2", "Figure", "Table")] == (
        ["H1", "H2", "H2", "Figure", "H2", "Table", "H2"]
    )
    assert tags.count("TH") == 2
    assert tags.count("TD") == 4


def test_the_same_letter_gives_the_same_bytes() -> None:
    first = [pdf.one_page([letter(5)], HOUSE), pdf.paper(letter(5), HOUSE)]
    pdf.paper(letter(3, "between"), HOUSE)
    assert [pdf.one_page([letter(5)], HOUSE), pdf.paper(letter(5), HOUSE)] == first


def test_a_chart_says_in_words_what_it_shows() -> None:
    assert alternatives(pdf.paper(letter(1), HOUSE)) == [
        "Revenue by quarter: 820, 910, 760, the fourth is not known."
    ]


def test_a_logo_is_drawn_and_named() -> None:
    plain, marked = (
        pdf.paper(letter(0), house) for house in (HOUSE, replace(HOUSE, logo=Logo(MARK.encode(), "svg")))
    )
    assert structure(plain).count("Figure") == 1
    assert structure(marked).count("Figure") == 2


def test_without_a_company_there_is_no_empty_place() -> None:
    text = read(pdf.paper(letter(0), House())).pages[0].extract_text()
    assert "as of 1 September 2026" in text
    assert "·" not in text


def test_a_document_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="the day of its facts"):
        pdf.paper(letter(1, on=None), HOUSE)


def test_nothing_known_still_makes_a_page() -> None:
    empty = replace(letter(0), items=(), day="", badge="", kind="", footer=(), intro="")
    text = read(pdf.one_page([empty], HOUSE)).pages[0].extract_text()
    assert all(word not in text for word in ("none", "None", "null"))


def test_letters_share_the_pictures_that_they_have_in_common() -> None:
    chart = Bars("two", "Two.", "", ("a", "b"), Series("s", (1, 2)))
    both: Letter = letter(1, items=(Item("k", "t", charts=(chart, chart)),))
    assert structure(pdf.one_page([both, both], HOUSE)).count("Figure") == 2

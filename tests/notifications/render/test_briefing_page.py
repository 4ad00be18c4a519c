"""The briefing as one page: it fits, can be read and searched, and every number has a fact and a date."""

import io
import json
import re
import shutil
import subprocess
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pypdf
import pytest

from kamflow.documents import briefing
from kamflow.store.names import AccountName, Names
from notifications.render import briefing_example as made
from notifications.render import briefing_page, chart, html
from notifications.render import letter as letters
from notifications.render.formats import Formats, locale_of
from notifications.render.house import House
from notifications.render.training_example import names
from tests.notifications.render.traced import numbers, origins

HOUSE = House(company="Beispiel Technik GmbH")
PAGE_ONE = {"1"}  # of one


def page(facts: dict[str, Any], language: str = "en") -> pypdf.PdfReader:
    return _page(json.dumps(facts), language)


@cache
def _page(facts: str, language: str) -> pypdf.PdfReader:
    """Making one takes longer than all that is looked at."""
    return pypdf.PdfReader(
        io.BytesIO(briefing_page.page(json.loads(facts), language, names(language), HOUSE))
    )


def text(facts: dict[str, Any], language: str = "en") -> str:
    # A word that is parted at the end of a line ends in a soft hyphen.
    words = " ".join(page(facts, language).pages[0].extract_text().split())
    return words.replace("\N{SOFT HYPHEN} ", "")


def mail(facts: dict[str, Any], language: str = "en") -> str:
    day = date.fromisoformat(facts["as_of"])
    return html.laid_out(letters.notice("briefing", language, facts, day=day, names=names(language))).text


def known(facts: dict[str, Any], language: str) -> dict[str, tuple[str, str]]:
    """The numbers that a page of these facts may have, by where they come from."""
    formats = Formats(locale_of(language), date.fromisoformat(facts["as_of"]))
    return origins(briefing.read(facts), formats, names(language))


def ticks(facts: dict[str, Any], language: str) -> set[str]:
    """What stands at the axis of a chart: the scale of its figures and none of them."""
    full, *_ = briefing_page.variants(facts, language, names(language))
    drawn = [chart.svg(each, full.locale, HOUSE, chart.NARROW) for item in full.items for each in item.charts]
    return numbers(" ".join(re.findall(r"<text[^>]*>([^<]*)", "".join(drawn))))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "facts", [made.briefing(), made.briefing("draft"), made.thin()], ids=("full", "draft", "old")
)
def test_every_number_of_page_and_mail_comes_from_a_fact_with_its_date(
    facts: dict[str, Any], language: str
) -> None:
    traced = known(facts, language)
    printed = numbers(text(facts, language)) - ticks(facts, language) - PAGE_ONE

    assert len(printed) > 15
    for number in printed | numbers(mail(facts, language)):
        assert number in traced, f"{number} comes from no fact"
        path, day = traced[number]
        assert date.fromisoformat(day[:10]), path


def test_a_figure_that_no_fact_has_would_be_found() -> None:
    assert "613,000" not in known(made.briefing(), "en")
    assert known(made.briefing(), "en")["612,000"] == (".figures[0].value", "2026-06-30")
    assert known(made.briefing(), "en")["1,571,000"][0] == ".so_far[0].actual"


@pytest.mark.parametrize("language", ["en", "de"])
def test_of_a_new_account_the_page_says_what_is_missing_and_has_no_empty_figure(language: str) -> None:
    said = text(made.bare(), language)

    assert not re.search(r"\b(None|nan|NaN|null|inf)\b|€|(?<![\d.,])0(?![\d.,])", said)
    assert numbers(said) - PAGE_ONE <= known(made.bare(), language).keys()
    [full, *_] = briefing_page.variants(made.bare(), language, names(language))
    assert not any(item.charts or item.tables for item in full.items)
    assert ("nobody is named yet" if language == "en" else "noch ist niemand genannt") in said


@pytest.mark.slow
@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("count", [0, 1, 5, 60])
def test_however_many_there_are_it_is_one_page(count: int, long: bool) -> None:
    for language in ("en", "de"):
        for paper in ("briefing", "draft"):
            assert len(page(made.many(count, paper, long=long), language).pages) == 1


def test_a_page_of_sixty_of_everything_says_what_is_left_out_and_where_it_is() -> None:
    said = text(made.many(60))

    assert len(page(made.many(60)).pages) == 1
    assert re.search(r"5\d more left out here: see measures in kamflow", said)
    assert re.search(r"5\d more left out here: see the annual meeting in kamflow", said)
    assert "To raise" in said


def test_the_same_facts_give_the_same_bytes_on_any_day() -> None:
    once, again = (briefing_page.page(made.briefing(), "en", names("en"), HOUSE) for _ in range(2))
    assert once == again


def test_the_page_says_what_nobody_has_reviewed() -> None:
    unseen = made.briefing(reviewed=False, released_on=None)
    assert text(unseen).count("not reviewed") == 2
    assert "not reviewed" not in text(made.briefing())
    assert "aus Daten, nicht geprüft" in text(unseen, "de")


def test_a_service_of_which_nobody_said_whether_it_was_charged_says_so() -> None:
    unstated = made.given(9, "2026-01-02", "700.00") | {"charge": None}
    said = mail(made.briefing() | {"services": [unstated]})

    assert "not stated whether charged" in said
    assert "€700: €700 not stated" in said


def test_the_page_has_when_and_where_one_meets_below_the_customer() -> None:
    assert "Muster AG" in text(made.briefing())
    assert "Tuesday, 22 September 2026, at 10:30, Plant 2, room Elbe" in text(made.briefing())


def test_the_page_is_made_for_readers_and_archives(tmp_path: Path) -> None:
    read = page(made.briefing(), "de")
    assert (read.metadata.title if read.metadata else None) == "Muster AG"
    assert read.trailer["/Root"]["/Lang"] == "de-DE"
    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"]
    xmp = read.trailer["/Root"]["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part>1<", xmp)
    assert re.search(r"pdfaid:part>2<", xmp)
    if shutil.which("pdftotext"):
        file = tmp_path / "briefing.pdf"
        file.write_bytes(briefing_page.page(made.briefing(), "de", names("de"), HOUSE))
        found = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
        order = [
            found.index(part)
            for part in ("Muster AG", "Wen Sie treffen", "Für das Gespräch", "Was wir wollen")
        ]
        assert order == sorted(order)


def test_a_correction_and_the_name_of_a_line_stand_beside_charts_and_the_matrix() -> None:
    [chart_line] = made.briefing()["series"]
    full, *_ = briefing_page.variants(
        made.briefing("draft", series=[chart_line | {"note": 1}]), "en", names("en")
    )
    lines = {line.head: line.notes for item in full.items for line in item.lines}
    corrected = ("Corrected: Knows us from the trade fair in Hanover", "[chart.revenue]")
    assert lines["Revenue month by month"] == corrected
    assert not any(head.startswith("[") for head in lines)
    draft = mail(made.briefing("draft"))
    for name in ("matrix.contacts", "survey.nps", "goal.1", "gap.2"):
        assert f"[{name}]" in draft


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Muster AG", "briefing-muster-ag-2026-09-22.pdf"),
        ("Halm & Söhne/../../etc", "briefing-halm-soehne-etc-2026-09-22.pdf"),
        (
            '"\r\nBcc: x@example.com; filename="a.exe',
            "briefing-bcc-x-example-com-filename-a-exe-2026-09-22.pdf",
        ),
        ("株式会社", "briefing-2026-09-22.pdf"),
        ("A" * 300, f"briefing-{'a' * 60}-2026-09-22.pdf"),
    ],
)
def test_the_file_is_called_in_letters_digits_and_hyphens(name: str, file: str) -> None:
    assert briefing_page.filename(made.briefing(), Names(accounts={1: AccountName(name, "key")})) == file

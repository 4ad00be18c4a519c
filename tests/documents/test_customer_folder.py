"""The folder for the customer: only ticked pages, each figure from a fact, every text what it is."""

import io
import zipfile
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pypdf
import pytest

from kamflow.documents.customer_folder import folder as whole
from kamflow.documents.customer_folder import pages as page
from kamflow.documents.customer_folder.folder import PAGES, Folder
from notifications.render import folder_document, folder_example
from notifications.render.formats import Formats, locale_of
from notifications.render.house import House
from tests.documents import told

LANGUAGES = ["de", "en", "de_AT", "de_CH", "en_US"]
NAUGHTY = [
    "=1+1 <b>{{ 7*7 }}</b>",
    "../../etc/passwd",
    "#let x = 1; $(rm -rf) & \\ \" '",
    "田中さん ١٢٣ Ω≈ç√",
]


def known(folder: Folder, formats: Formats) -> set[str]:
    """Every figure, date and text of the facts as this reader writes them."""
    found: set[str] = {"CO2", *(f"{number}. " for number in range(1, 30))}
    waiting: list[object] = [folder]
    while waiting:
        each = waiting.pop()
        if isinstance(each, tuple):
            waiting.extend(each)
        elif hasattr(each, "__dataclass_fields__"):
            waiting.extend(getattr(each, name) for name in each.__dataclass_fields__)
        elif isinstance(each, date):
            found |= {formats.dated(each), formats.weekday(each), formats.day(each)}
        elif isinstance(each, Decimal):
            found |= {formats.money(str(each)), formats.number(round(each)), formats.number(float(each))}
        elif isinstance(each, str | int):
            found.add(str(each))
    if folder.agenda and folder.agenda.time:
        found.add(formats.moment(folder.agenda.time, folder.agenda.zone))
    changes = folder.figures.changes if folder.figures else ()
    found |= {formats.change(float(round(each, 1))) for each in changes if each is not None}
    services = folder.services
    sums = (services.value, services.waived, services.unstated) if services else ()
    return found | {formats.money(str(each)) for each in sums if each is not None}


@pytest.mark.parametrize("case", folder_example.CASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_can_be_traced_to_a_fact(case: str, language: str):
    folder = folder_example.CASES[case](language)
    formats = Formats(locale_of(language), folder.as_of)
    letter = folder_document.letter(folder, language, folder_example.HOUSE)
    assert told.left_over(letter, known(folder, formats)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_folder_of_nothing_has_no_chart_and_no_made_up_figure(language: str):
    letter = folder_document.letter(folder_example.bare(language), language, House("Beispiel GmbH"))
    assert len(letter.items) == 8
    assert not any(each.charts for each in letter.items)
    assert [each.kind for each in letter.items if each.tables] == [letter.items[1].kind]  # the agenda
    assert not told.MADE_UP.search(" ".join(told.texts(letter)))


def test_the_customer_is_spoken_to_formally_and_in_the_customer_s_own_way():
    german = folder_document.letter(folder_example.whole("de_CH"), "de_CH", House("Beispiel GmbH"))
    said = " ".join(told.texts(german))
    assert "Was wir für Sie getan haben" in said
    assert "1’420’000" in said
    austrian = folder_document.letter(folder_example.whole("de_AT@du"), "de_AT@du", House("Beispiel GmbH"))
    assert austrian.locale == "de_AT"
    assert "Von Ihrer Seite" in " ".join(told.texts(austrian))
    assert "kamflow" not in " ".join((said, *told.texts(austrian)))


def test_only_pages_ticked_as_they_are_now_get_into_the_folder():
    folder = folder_example.whole("en")
    ticks: dict[str, str | None] = dict(folder.digests())
    assert whole.ready(folder, ticks) == folder
    ticks |= {"topics": "what it said before", "plan": None}
    ticks["agenda"] = folder.about(("figures", "services", "done", "next")).digests()["agenda"]
    ready = whole.ready(folder, ticks)
    assert set(PAGES) - set(ready.pages) == {"topics", "plan"}
    assert whole.ready(folder, {}).pages == ()

    said = " ".join(told.texts(folder_document.letter(ready, "en", House())))
    assert "Our joint plan" not in said
    assert "Our topics" not in said


def test_a_tick_holds_until_the_page_says_something_else_and_no_longer():
    folder = folder_example.whole("en")
    later = replace(folder, as_of=date(2026, 9, 21), language="de")
    assert later.digests() == folder.digests()
    changed = replace(folder, title=replace(folder.title, place="Plant 3"))
    differing = {name for name in PAGES if changed.digests()[name] != folder.digests()[name]}
    assert differing == {"title"}
    assert whole.standing("now", None) == "open"
    assert (whole.standing("now", "now"), whole.standing("now", "then")) == ("ticked", "changed")


def test_a_tick_on_the_agenda_holds_for_the_pages_that_it_names():
    folder = folder_example.whole("en")
    ticks: dict[str, str | None] = dict(folder.digests())
    assert whole.pointed(folder, ticks) == folder
    without = whole.pointed(folder, ticks | {"plan": None})
    assert without.agenda.points == ("topics", "figures", "services", "done", "next")
    assert "agenda" not in whole.ready(folder, ticks | {"plan": None}).pages
    written = replace(folder, agenda=replace(folder.agenda, words=("Prices",))).about(PAGES)
    assert written.agenda.points == ()


def test_a_page_is_filled_by_facts_or_by_words_and_a_draft_names_those_that_are():
    bare = folder_example.bare("en")
    assert bare.filled == ("title", "agenda")
    assert replace(bare, plan=page.Steps((), None, ("Soon",))).filled == ("title", "agenda", "plan")
    assert folder_example.whole("en").filled == PAGES
    fresh = folder_example.whole("en").about(())
    draft = folder_document.letter(fresh, "en", House(), draft=True)
    assert len(draft.items[1].tables[0].rows) == 6


def test_what_nobody_said_of_a_charge_is_neither_charged_nor_waived():
    day = date(2026, 5, 5)
    said = ((700, None), (80, False), (9, True))
    given = tuple(page.Given("Workshop", day, value=Decimal(value), charged=each) for value, each in said)
    services = page.Services(date(2026, 1, 1), date(2026, 9, 1), given)
    assert (services.value, services.waived, services.unstated) == (789, 80, 700)
    folder = replace(folder_example.whole("de"), services=services)
    (table,) = folder_document.letter(folder, "de", House()).items[4].tables
    assert [row[4].text for row in table.rows] == ["nicht angegeben", "nicht berechnet", "berechnet"]


def test_there_is_no_place_for_anything_internal():
    kinds = [*vars(page).values(), Folder]
    names = {each.name for kind in kinds if hasattr(kind, "__dataclass_fields__") for each in fields(kind)}
    internal = ("soll", "held", "influence", "margin", "target", "goal", "forecast", "return", "question",
                "complaint", "competitor", "gap", "limit", "chance", "reason", "source")  # fmt: skip
    assert not [name for name in names for word in internal if word in name]


def test_a_measure_of_ours_is_shown_only_if_the_kam_says_so():
    assert [page.meant(side, None) for side in ("ours", "customer", "joint")] == [False, True, True]
    assert (page.meant("ours", True), page.meant("joint", False)) == (True, False)


def test_a_running_year_is_compared_with_the_same_months_of_the_year_before():
    figures = folder_example.whole("en").figures
    assert [round(each, 1) for each in figures.changes] == [Decimal("4.2"), Decimal("5.2")]
    assert replace(figures, before=None).changes[1] is None
    assert page.Figures(("2025", "2026")).changes == ()


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_is_literal_on_paper_in_the_workbook_and_in_no_name(text: str):
    folder = folder_example.whole("de")
    step = page.Step(text, "joint", text, date(2026, 10, 1))
    folder = replace(
        folder, account=text, title=replace(folder.title, account=text), figures=None,
        topics=page.Topics((page.Topic(text, (text,), (text,)),)), plan=page.Steps((step,)),
    )  # fmt: skip
    made = dict(folder_document.files(folder, "de", House("Beispiel GmbH")))
    assert list(made) == ["kundenmappe.pdf", "kundenmappe.xlsx"]
    squeezed = "".join(told.of_pdf(made["kundenmappe.pdf"]).split())
    assert "".join(text.split()) in squeezed
    cells = told.cells(made["kundenmappe.xlsx"])
    assert text in cells
    assert not told.formulas(made["kundenmappe.xlsx"])


def test_the_archive_holds_paper_workbook_and_charts_and_is_the_same_each_time():
    folder, house = folder_example.whole("de"), House("Beispiel GmbH", primary="#7a1f5c")
    archive = folder_document.archive(folder, "de", house)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        names = files.namelist()
        svg, png = files.read("charts/revenue.svg").decode(), files.read("charts/revenue.png")
        paper = pypdf.PdfReader(io.BytesIO(files.read("kundenmappe.pdf")))
    assert names == ["kundenmappe.pdf", "kundenmappe.xlsx", "charts/revenue.svg", "charts/revenue.png"]
    assert "#7a1f5c" in svg
    assert png.startswith(b"\x89PNG")
    assert len(paper.pages) == 8
    assert folder_document.archive(folder, "de", house) == archive


def test_numbers_are_numbers_and_dates_are_dates_in_the_workbook():
    folder = folder_example.whole("en")
    letter = folder_document.letter(folder, "en", House())
    sheets = told.sheets(folder_document.workbook(folder, letter, House()))
    assert list(sheets)[:2] == ["Our topics", "Our business together"]
    assert [1_420_000, 1_610_000, 980_000] in [row[1:] for row in sheets["Our business together"]]
    assert ["Reference visit to plant 2", "you", date(2026, 3, 19)] in sheets["What was carried out"]
    given = [date(2026, 5, 5), "Replacement of defective parts in 24 hours", "3", 4200, "not charged"]
    assert given in sheets["What we did for you"]

"""The quarterly report as a letter, on paper, and as a workbook."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from kamflow.documents.quarterly_report import contents
from kamflow.store.names import Names
from notifications.render import letter as letters
from notifications.render import pdf, xlsx
from notifications.render.draft import Draft
from notifications.render.environment import module
from notifications.render.formats import Formats, locale_of
from notifications.render.house import House
from notifications.render.item import Letter
from notifications.render.reader import Reader
from notifications.render.sheets import Book

NAME = "quarterly_report"
Facts = Mapping[str, Any]


def letter(facts: Facts, language: str, names: Names, company: str = "", *, whole: bool = True) -> Letter:
    """The report with every section, or the summary that a mail has."""
    said = contents.shown(facts, whole=whole)
    return letters.notice(NAME, language, said, company, _day(facts), names=names)


def paper(facts: Facts, language: str, names: Names, house: House) -> bytes:
    """The report as PDF."""
    return pdf.paper(letter(facts, language, names, house.company), house)


def book(facts: Facts, language: str, names: Names, house: House) -> bytes:
    """The report as Excel file: every customer in these facts (`quarter_summary.whole`)."""
    words = module(language, f"{NAME}/sheets.j2")
    it, made = _writing(facts, language, names), Book(names)
    words.sheets(made, it, facts)
    title = str(words.title(it, facts)).strip()
    return xlsx.workbook(
        made.sheets, _day(facts), title=title, unknown=str(words.unknown()).strip(), colour=house.text
    )


def file_name(facts: Facts, language: str) -> str:
    """What a file of the report is called, without its ending."""
    words = module(language, f"{NAME}/sheets.j2")
    return str(words.file(_writing(facts, language, Names()), facts)).strip()


def _writing(facts: Facts, language: str, names: Names) -> Draft:
    formats = Formats(locale_of(language), _day(facts), str(facts["currency"]))
    words = module(language, "digest/words.j2")
    return Draft(Reader(names, formats, str(words.unknown()).strip()))


def _day(facts: Facts) -> date:
    return date.fromisoformat(facts["day"])

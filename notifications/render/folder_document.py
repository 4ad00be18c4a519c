"""The folder for the customer as files: on paper, as a workbook, its charts, and all of them in one archive.

No name of a file comes from the data.
"""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from io import BytesIO
from typing import TypeAlias

from kamflow.documents.customer_folder.folder import Folder
from kamflow.documents.customer_folder.pages import Given
from notifications.render import chart, pdf, speech, xlsx
from notifications.render import letter as letters
from notifications.render.clean_facts import cleaned
from notifications.render.environment import module
from notifications.render.house import House
from notifications.render.item import Item, Letter
from notifications.render.xlsx import Kind, Sheet, Value

NAME = "customer_folder"


class _AsShown(Enum):
    """What a cell says where the value is a word: the word as it stands on paper."""

    WORD = 0


_WORD = _AsShown.WORD
_Typed: TypeAlias = Value | _AsShown


def letter(folder: Folder, language: str, house: House, *, draft: bool = False) -> Letter:
    """The folder in the one content model; a draft says so on every page."""
    folder = cleaned(_to_look_at(folder) if draft else folder)
    said = {
        "folder": {page: getattr(folder, page) for page in folder.__dataclass_fields__},
        "account": folder.account,
        "year": folder.year,
        "house": house.company,
        "draft": draft,
        "currency": folder.currency,
    }
    return letters.notice(NAME, language, said, "", folder.as_of)


def _to_look_at(folder: Folder) -> Folder:
    """Before anything is ticked the agenda names all on which something stands."""
    return folder if folder.agenda and folder.agenda.points else folder.about(folder.filled)


def paper(folder: Folder, language: str, house: House, *, draft: bool = False) -> bytes:
    """The folder as PDF."""
    return pdf.sheets(letter(folder, language, house, draft=draft), house)


def stem(language: str) -> str:
    """What its files are called: `kundenmappe`."""
    return str(module(speech.formal(language), f"{NAME}/item.j2").file)


def files(folder: Folder, language: str, house: House) -> Iterator[tuple[str, bytes]]:
    """Name and content: the PDF, the workbook, each chart as SVG and PNG."""
    made = letter(folder, language, house)
    yield f"{stem(language)}.pdf", pdf.sheets(made, house)
    yield f"{stem(language)}.xlsx", workbook(folder, made, house)
    for each in (found for item in made.items for found in item.charts):
        yield f"charts/{each.name}.svg", chart.svg(each, made.locale, house).encode()
        yield f"charts/{each.name}.png", chart.png(each, made.locale, house)


def archive(folder: Folder, language: str, house: House) -> bytes:
    """All files in a ZIP; the same folder gives the same bytes."""
    out = BytesIO()
    day = folder.as_of
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archived:
        for name, content in files(folder, language, house):
            entry = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archived.writestr(entry, content)
    return out.getvalue()


def workbook(folder: Folder, made: Letter, house: House) -> bytes:
    """The tables of the folder as sheets: what is shown as a number or a date is one."""
    folder = cleaned(folder)
    shown = {item.kind: item for item in made.items if item.tables}
    kinds = module(speech.formal(made.locale), f"{NAME}/item.j2").kinds
    sheets = [
        _sheet(shown[kinds[page]], *typed) for page, typed in _values(folder).items() if kinds[page] in shown
    ]
    if not sheets:
        sheets = [Sheet(made.subject, (made.heading,), ("text",), ())]
    return xlsx.workbook(sheets, folder.as_of, title=made.heading, colour=house.text)


def _sheet(item: Item, kinds: tuple[Kind, ...], rows: Sequence[Sequence[_Typed]]) -> Sheet:
    """Typed values in the rows of a table; what has none says what it says on paper."""
    (table,) = item.tables
    filled = [
        [cell.text if value is _WORD else value for cell, value in zip(cells, row, strict=True)]
        for cells, row in zip(table.rows, rows, strict=True)
    ]
    return Sheet(item.kind, table.head, kinds, filled, item.title, (table.caption,) if table.caption else ())


def _values(folder: Folder) -> dict[str, tuple[tuple[Kind, ...], list[list[_Typed]]]]:
    """Page -> kinds of its columns and the values of its rows, as the template sets them."""
    found: dict[str, tuple[tuple[Kind, ...], list[list[_Typed]]]] = {}
    if folder.topics:
        found["topics"] = ("text", "text", "text"), [[_WORD] * 3 for _ in folder.topics.topics]
    if folder.figures and folder.figures.total:
        kinds: tuple[Kind, ...] = ("text", *("money" for _ in folder.figures.years))
        lines = (*folder.figures.lines, folder.figures.total)
        found["figures"] = kinds, [[_WORD, *map(_amount, each.amounts)] for each in lines]
    if folder.services:
        kinds = ("date", "text", "text", "money", "text")
        found["services"] = kinds, [_given(each) for each in folder.services.given]
    if folder.done:
        found["done"] = ("text", "text", "date"), [_until(each.done_on) for each in folder.done.steps]
    if folder.plan:
        found["plan"] = ("text", "text", "date"), [_until(each.due_on) for each in folder.plan.steps]
    return found


def _given(each: Given) -> list[_Typed]:
    return [each.day, _WORD, _WORD, _amount(each.value), _WORD]


def _until(day: date | None) -> list[_Typed]:
    return [_WORD, _WORD, _WORD if day is None else day]


def _amount(amount: Decimal | None) -> _Typed:
    return _WORD if amount is None else amount

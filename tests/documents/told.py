"""What a document says, as text: of a letter, a PDF, a workbook."""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

import pypdf
import python_calamine

from notifications.render.item import Item, Letter

NUMBER = re.compile(r"\d(?:[\d.,’]*\d)?")
# What a gap must never look like.
MADE_UP = re.compile(r"\b(None|NaN|nan|null|Undefined|0)\b|€|EUR")


def texts(letter: Letter) -> list[str]:
    """Every text of a letter."""
    own = [letter.subject, letter.heading, letter.intro, letter.kind, letter.badge, *letter.footer]
    return [*own, *(text for item in letter.items for text in of_item(item))]


def of_item(item: Item) -> Iterable[str]:
    yield from (item.kind, item.title, item.rest, item.why, item.next, *item.marks, *item.proposals)
    for line in item.lines:
        yield from (line.head, line.about, line.text, line.badge, *line.notes)
    for table in item.tables:
        yield from (table.caption, *table.head, *(cell.text for row in table.rows for cell in row))
    for figure in item.figures:
        yield from (figure.label, figure.value, figure.as_of, figure.source)
    for chart in item.charts:
        yield chart.alt


def left_over(letter: Letter, known: Iterable[str]) -> list[tuple[str, str]]:
    """(Number, text) of each number that is none of the known: taken out as a whole, the longest first."""
    everything = set(known)
    longer = sorted({each for each in everything if len(each) > 2}, key=len, reverse=True)
    found: list[tuple[str, str]] = []
    for text in texts(letter):
        rest = text
        for each in longer:
            rest = rest.replace(each, " ")
        found += [(number, text) for number in NUMBER.findall(rest) if number not in everything]
    return found


def of_pdf(content: bytes) -> str:
    """All text of a PDF, with one space for any white space."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def of_workbook(content: bytes) -> str:
    """Everything in the parts of an .xlsx, names of sheets and properties too."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """Sheet -> its rows as Excel would show them; whole numbers as such."""
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def cells(content: bytes) -> set[object]:
    """Every value of a workbook."""
    return {cell for rows in sheets(content).values() for row in rows for cell in row}


def formulas(content: bytes) -> list[str]:
    """The sheets of a workbook that hold a formula."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        return [name for name in parts if b"<f>" in book.read(name)]

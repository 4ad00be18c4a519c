"""Excel workbooks: every visible sheet is a table; text stays text, dates stay dates."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from kamflow.errors import Refused
from kamflow.intake.rows import Cell, Row, Table, distinct, text


def read(path: Path, skip_lines: int = 0) -> list[Table]:
    """Read the visible sheets that have a header.

    Raises:
        Refused: the file is no workbook, is encrypted or damaged.
    """
    book = open_book(path)
    shown = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
    tables = (_table(path, name, grid(book, name), skip_lines) for name in shown)
    return [table for table in tables if table is not None]


def open_book(path: Path) -> CalamineWorkbook:
    """Open a workbook of which nothing is trusted."""
    try:
        return CalamineWorkbook.from_path(path)
    except (CalamineError, OSError, ValueError) as error:
        raise Refused(f"{path.name}: not a readable workbook ({error}); save it as .xlsx again") from None


def grid(book: CalamineWorkbook, name: str) -> list[list[Cell]]:
    """All cells of a sheet, from A1 on."""
    try:
        found = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise Refused(f"sheet {name}: cannot be read ({error})") from None
    return [[cell(value) for value in row] for row in found]


def cell(value: Any) -> Cell:
    """Keep what Excel knows: 100017.0 becomes 100017, a date a date, everything else its text."""
    if isinstance(value, str | bool | date):
        return value
    if isinstance(value, int | float):
        return Decimal(repr(value))
    if isinstance(value, time | timedelta):
        return str(value)
    return ""


def _table(path: Path, name: str, cells: Sequence[Sequence[Cell]], skip_lines: int) -> Table | None:
    numbered = [(at, row) for at, row in enumerate(cells, 1) if at > skip_lines and any(c != "" for c in row)]
    if not numbered:
        return None
    (_, header), *body = numbered
    width = max(at for at, each in enumerate(header, 1) if each != "")
    columns = distinct([text(each) for each in header[:width]])
    return Table(path.name, name, columns, [_row(at, row, width) for at, row in body])


def _row(line: int, cells: Sequence[Cell], width: int) -> Row:
    beyond = any(each != "" for each in cells[width:])
    filled = [*cells[:width], *[""] * (width - len(cells))]
    midnight = [c.date() if isinstance(c, datetime) and c.time() == time() else c for c in filled]
    return Row(line, tuple(midnight), "no cells beyond the header's columns" if beyond else None)

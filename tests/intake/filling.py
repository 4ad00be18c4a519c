"""Fill in a form by program, as a person would in Excel: hidden places and all stay as they were."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from kamflow.intake.forms.sheet import MARK, NEW

Cells = list[list[Any]]


def cells(path: Path) -> dict[str, Cells]:
    """All sheets of a workbook by name."""
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def filled(source: Path, target: Path, changes: Mapping[tuple[str, str, str], Any]) -> Path:
    """The same workbook with cells written anew: (sheet's code, key of the row, field) -> value."""
    sheets = cells(source)
    for (code, key, field), value in changes.items():
        grid = next(each for each in sheets.values() if _names(each, code))
        names = _names(grid, code)
        line = next(row for row in grid if row[names.index(f"{MARK}{code}")] == key)
        line[names.index(field)] = value
    return store(target, sheets)


def appended(source: Path, target: Path, code: str, *rows: Mapping[str, Any]) -> Path:
    """The same workbook with lines below everything, where nobody prepared a key."""
    sheets = cells(source)
    grid = next(each for each in sheets.values() if _names(each, code))
    names = _names(grid, code)
    for row in rows:
        grid.append([row.get(name, "") for name in names])
    return store(target, sheets)


def store(target: Path, sheets: Mapping[str, Cells]) -> Path:
    with xlsxwriter.Workbook(str(target), {"in_memory": True}) as out:
        day = out.add_format({"num_format": "yyyy-mm-dd"})
        for name, grid in sheets.items():
            page = out.add_worksheet(name)
            for at, row in enumerate(grid):
                for column, value in enumerate(row):
                    _put(page, at, column, value, day)
    return target


def new(number: int = 1) -> str:
    """The key of an empty row."""
    return f"{NEW}{number}"


def _put(page: Any, row: int, column: int, value: Any, day: Any) -> None:
    if isinstance(value, bool) or value is None or value == "":
        return
    if isinstance(value, date):
        page.write_datetime(row, column, value, day)
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    else:
        page.write_string(row, column, str(value))


def _names(grid: Cells, code: str) -> list[Any]:
    return next((row for row in grid[:12] if f"{MARK}{code}" in row), [])

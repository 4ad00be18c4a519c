"""Find the sheets of a form in a workbook that came back, wherever its columns were moved."""

from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path

from xlsxwriter.utility import xl_rowcol_to_cell

from kamflow.errors import Refused
from kamflow.intake.forms.memory import SHEET, remembered
from kamflow.intake.forms.sheet import KEY, MARK, VERSION, Filled, Form, Returned
from kamflow.intake.readers.workbook import grid, open_book
from kamflow.intake.rows import Cell, text

_LOOKED_AT = 12  # rows in which the line of names must stand


def kind(path: Path) -> str | None:
    """Which form of kamflow's a file is; None where it is none."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return None
    book = open_book(path)
    if SHEET not in book.sheet_names:
        return None
    lines = remembered(grid(book, SHEET)[:_LOOKED_AT])
    return next((value for what, name, _, value in lines if (what, name) == ("meta", "form")), None)


def read(path: Path) -> Form:
    """Read a form with everything it remembers.

    Raises:
        Refused: it is no form of kamflow's, or what it remembers is gone.
    """
    book = open_book(path)
    lines = remembered(grid(book, SHEET)) if SHEET in book.sheet_names else []
    meta = {name: value for what, name, _, value in lines if what == "meta"}
    if "form" not in meta or "id" not in meta:
        raise Refused(f"{path.name}: no form that kamflow wrote; export it again (`kamflow export`)")
    memory = {
        (what.removeprefix("cell "), key, name): value
        for what, key, name, value in lines
        if what.startswith("cell ")
    }
    form = Form(meta["form"], meta, memory)
    for name in book.sheet_names:
        if name != SHEET:
            found = _sheet(name, grid(book, name))
            form.sheets += [found] if found is not None else []
    return form


def _sheet(name: str, cells: Sequence[Sequence[Cell]]) -> Returned | None:
    at = next((at for at, row in enumerate(cells[:_LOOKED_AT]) if _code(row)), None)
    if at is None:
        return None
    names = [KEY if text(each).startswith(MARK) else text(each).strip() for each in cells[at]]
    titles = [text(each) for each in cells[at + 1]] if at + 1 < len(cells) else []
    rows = [_row(number, names, row) for number, row in enumerate(cells) if number > at + 1]
    shown = tuple(
        title or name for name, title in zip(names, titles, strict=False) if name not in (KEY, VERSION)
    )
    return Returned(_code(cells[at]), name, shown, [each for each in rows if not each.empty])


def _code(row: Sequence[Cell]) -> str:
    return next((text(each).removeprefix(MARK) for each in row if text(each).startswith(MARK)), "")


def _row(number: int, names: Sequence[str], row: Sequence[Cell]) -> Filled:
    cells = {name: _plain(row[at]) if at < len(row) else "" for at, name in enumerate(names) if name}
    places = {name: xl_rowcol_to_cell(number, at) for at, name in enumerate(names) if name}
    key, version = text(cells.pop(KEY, "")).strip(), text(cells.pop(VERSION, "")).strip()
    return Filled(number + 1, key, version, cells, places)


def _plain(cell: Cell) -> Cell:
    return cell.date() if isinstance(cell, datetime) and cell.time() == time() else cell

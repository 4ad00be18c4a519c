"""Find the plans in a workbook that came back: which cells they have, and what stands in them now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path

from xlsxwriter.utility import xl_rowcol_to_cell

from kamflow.errors import Refused
from kamflow.intake.forms.memory import SHEET, remembered
from kamflow.intake.forms.plan_sheet import MARK
from kamflow.intake.readers.workbook import grid, open_book
from kamflow.intake.rows import Cell, text
from kamflow.periods import Period

_NEEDED = ("account", "year", "language", "token", "form", "sections")


@dataclass(frozen=True, slots=True)
class Written:
    """A cell that can be filled in: its name in Excel, its kind, what it was written with, what it says."""

    name: str
    place: str
    kind: str
    version: int
    base: str
    cell: Cell

    @property
    def said(self) -> str:
        return text(self.cell).strip()


@dataclass(frozen=True, slots=True)
class Line:
    """A line with a code and its cells by field; `row` is the number that Excel shows."""

    code: str
    row: int
    label: str
    cells: dict[str, Written]


@dataclass(frozen=True, slots=True)
class Returned:
    """One plan as it came back. `doubled` are lines whose code stood there before (copied by hand)."""

    name: str
    account: str
    year: Period
    language: str
    token: str
    form: str
    numbers: tuple[int, ...]
    lines: Sequence[Line]
    doubled: Sequence[Line] = field(default_factory=tuple)


def read(path: Path) -> list[Returned]:
    """The plans of a workbook, in the order of its sheets.

    Raises:
        Refused: a plan's sheet is there, but what the file remembers of it is gone.
    """
    book = open_book(path)
    memory = remembered(grid(book, SHEET)) if SHEET in book.sheet_names else []
    found: list[Returned] = []
    for name in book.sheet_names:
        cells = grid(book, name) if name != SHEET else []
        code = next((text(row[0]) for row in cells[:5] if row and text(row[0]).startswith(MARK)), None)
        if code is not None:
            kind = f"plan {code.removeprefix(MARK)}"
            lines = [(one, two, value) for what, one, two, value in memory if what == kind]
            found.append(_plan(path, name, cells, lines))
    return found


def _plan(
    path: Path, name: str, cells: Sequence[Sequence[Cell]], memory: Sequence[tuple[str, str, str]]
) -> Returned:
    meta = {two: value for one, two, value in memory if not one}
    if any(not meta.get(each) for each in _NEEDED):
        raise Refused(f"{path.name}, sheet {name}: what kamflow remembers of it is gone; export it again")
    boxes: dict[str, list[tuple[str, str]]] = {}
    for code, where, base in memory:
        if code:
            boxes.setdefault(code, []).append((where, base))
    lines: list[Line] = []
    doubled: list[Line] = []
    seen: set[str] = set()
    for at, row in enumerate(cells):
        code = text(row[0]) if row else ""
        if code in boxes:
            (doubled if code in seen else lines).append(_line(at, row, code, boxes[code]))
            seen.add(code)
    year = Period.parse(meta["year"])
    numbers = tuple(int(each) for each in meta["sections"].split(","))
    said = (meta["account"], year, meta["language"], meta["token"], meta["form"])
    return Returned(name, *said, numbers, lines, doubled)


def _line(at: int, row: Sequence[Cell], code: str, boxes: Sequence[tuple[str, str]]) -> Line:
    cells: dict[str, Written] = {}
    for where, base in boxes:
        name, column, kind, version = where.split("|")
        number = int(column)
        held = _plain(row[number]) if number < len(row) else ""
        cells[name] = Written(name, xl_rowcol_to_cell(at, number), kind, int(version), base, held)
    label = next((text(each).strip() for each in row[1:2]), "")
    return Line(code, at + 1, label, cells)


def _plain(cell: Cell) -> Cell:
    return cell.date() if isinstance(cell, datetime) and cell.time() == time() else cell

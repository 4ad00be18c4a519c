"""Find a contact matrix in a sheet, whether kamflow drew it or a trainer did."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from python_calamine import CalamineWorkbook

from kamflow.errors import Refused
from kamflow.intake.forms.matrix import MARK
from kamflow.intake.forms.memory import SHEET, remembered
from kamflow.intake.readers.workbook import grid, open_book
from kamflow.intake.rows import Cell, text

Grid = list[list[Cell]]
_LABELS = {
    "influence": re.compile(r"einflu(ss|ß)|influence", re.IGNORECASE),
    "name": re.compile(r"(name|ansprechpartner|contact)\b", re.IGNORECASE),
    "position": re.compile(r"position|funktion|function", re.IGNORECASE),
}
_RATIO_LABEL = re.compile(r"ist|soll|actual|target", re.IGNORECASE)
LABEL_COLUMNS = 4  # labels and our people stand in the first columns


@dataclass(frozen=True, slots=True)
class Column:
    """A contact as the sheet names it."""

    at: int
    key: str
    name: str
    position: str
    influence: Cell


@dataclass(frozen=True, slots=True)
class Line:
    """A person of ours with the rows of topics and of Ist/Soll."""

    row: int
    key: str
    function: str
    name: str
    topics: Sequence[Cell]
    ratios: Sequence[Cell]
    ratio_row: int


@dataclass(slots=True)
class Sheet:
    """A matrix as it stands on paper; `memory` is what kamflow wrote it with, where it did."""

    name: str
    title: str
    columns: list[Column]
    lines: list[Line]
    meta: dict[str, str] = field(default_factory=dict)
    memory: dict[tuple[str, str, str], str] = field(default_factory=dict)


def read(path: Path) -> Sheet:
    """Find the matrix in the first sheet that has one.

    Raises:
        Refused: no sheet of the workbook holds a contact matrix.
    """
    book = open_book(path)
    memory = grid(book, SHEET) if SHEET in book.sheet_names else []
    for name in book.sheet_names:
        if name == SHEET:
            continue
        found = _sheet(name, grid(book, name))
        if found is not None:
            _remember(found, memory)
            return found
    raise Refused(
        f"{path.name}: no contact matrix in it: columns with position, name and influence (1-10) of the"
        " customer's people, below them our people with two lines each"
    )


def read_marked(book: CalamineWorkbook) -> list[Sheet]:
    """The matrices of a workbook with several, each with what is remembered of it."""
    memory = grid(book, SHEET) if SHEET in book.sheet_names else []
    found: list[Sheet] = []
    for name in book.sheet_names:
        cells = grid(book, name) if name != SHEET else []
        row, column = _marked(cells)
        sheet = _sheet(name, cells) if row >= 0 else None
        if sheet is not None:
            mark = f"{_at(cells, row, column)} "
            own = [
                [text(each[0]).removeprefix(mark), *each[1:]]
                for each in memory
                if text(each[0]).startswith(mark)
            ]
            _remember(sheet, own)
            found.append(sheet)
    return found


def _sheet(name: str, cells: Grid) -> Sheet | None:
    influence, labelled = _influence_row(cells)
    if influence is None:
        return None
    rows = _header_rows(cells, influence, labelled)
    key_row, key_column = _marked(cells)
    first = max(labelled + 1, 2, key_column + 1)
    columns = [
        Column(at, _at(cells, key_row, at), _at(cells, rows["name"], at), _at(cells, rows["position"], at),
               cells[influence][at])
        for at in range(first, len(cells[influence]))
        if _at(cells, rows["name"], at)
    ]  # fmt: skip
    lines = _lines(cells, max(rows.values()) + 1, key_column, first)
    title = next((text(c) for row in cells[:influence] for c in row if text(c).strip()), "")
    return Sheet(name, title, columns, lines) if columns and lines else None


def _influence_row(cells: Grid) -> tuple[int | None, int]:
    """The row of influences and the column of its label; -1 where it has none."""
    for at, row in enumerate(cells[:40]):
        for column, cell in enumerate(row[:LABEL_COLUMNS]):
            if _LABELS["influence"].match(text(cell).strip()):
                return at, column
    for at, row in enumerate(cells[:40]):
        filled = [cell for cell in row[1:] if text(cell).strip()]
        if at >= 2 and filled and all(_is_influence(cell) for cell in filled):
            return at, -1
    return None, -1


def _is_influence(cell: Cell) -> bool:
    return (
        not isinstance(cell, bool) and isinstance(cell, Decimal | str) and text(cell).strip() in _ONE_TO_TEN
    )


_ONE_TO_TEN = {str(number) for number in range(1, 11)}


def _header_rows(cells: Grid, influence: int, labelled: int) -> dict[str, int]:
    rows = {"influence": influence, "name": influence - 1, "position": influence - 2}
    if labelled >= 0:
        for word in ("name", "position"):
            for at in range(max(influence - 4, 0), min(influence + 3, len(cells))):
                if at != influence and _LABELS[word].match(_at(cells, at, labelled)):
                    rows[word] = at
    return rows


def _marked(cells: Grid) -> tuple[int, int]:
    """Where kamflow put the keys: (row, column), or (-1, -1)."""
    for at, row in enumerate(cells[:10]):
        for column, cell in enumerate(row[:10]):
            if isinstance(cell, str) and cell.startswith(MARK):
                return at, column
    return -1, -1


def _lines(cells: Grid, start: int, key_column: int, first: int) -> list[Line]:
    starts = [at for at in range(start, len(cells)) if _at(cells, at, 1) or (_at(cells, at, 0) and first < 3)]
    # A name on both lines is still one person.
    starts = [
        at for at in starts
        if not (
            at - 1 in starts and _at(cells, at, 1) == _at(cells, at - 1, 1) and _is_second(cells, at, first)
        )
    ]  # fmt: skip
    lines: list[Line] = []
    for at in starts:
        filled = any(text(cell).strip() for cell in (*cells[at][first:], *_row(cells, at + 1)[first:]))
        if not filled and not _at(cells, at, key_column):
            continue  # a legend, or a person without any cell
        name = _at(cells, at, 1) or _at(cells, at, 0)
        function = _at(cells, at, 0) if _at(cells, at, 1) else ""
        key = _at(cells, at, key_column)
        lines.append(Line(at, key, function, name, cells[at], _row(cells, at + 1), at + 1))
    return lines


def _is_second(cells: Grid, at: int, first: int) -> bool:
    return any(_RATIO_LABEL.match(_at(cells, at, column)) for column in range(2, first)) or first <= 2


def _row(cells: Grid, at: int) -> Sequence[Cell]:
    return cells[at] if at < len(cells) else ()


def _at(cells: Grid, row: int, column: int) -> str:
    if row < 0 or column < 0 or row >= len(cells) or column >= len(cells[row]):
        return ""
    return text(cells[row][column]).strip()


def _remember(sheet: Sheet, memory: Grid) -> None:
    for kind, one, two, value in remembered(memory):
        if kind == "meta":
            sheet.meta[one] = value
        elif kind in ("head", "cell"):
            name, _, said = value.partition("=")
            sheet.memory[one, two, name] = said

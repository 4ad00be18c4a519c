"""What every reader yields: tables of rows that know where in which file they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

# `date` covers `datetime`. Text stays text: a customer number keeps its leading zeros.
Cell: TypeAlias = str | Decimal | bool | date


@dataclass(frozen=True, slots=True)
class Row:
    """Cells in the order of the table's columns; `line` is the line or sheet row in the file."""

    line: int
    cells: tuple[Cell, ...]
    flaw: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file, a sheet or one kind of records; `name` is what a mapping's `file` is compared with."""

    file: str
    name: str
    columns: tuple[str, ...]
    rows: Sequence[Row]


def text(cell: Cell) -> str:
    """Spell a cell as a person would: no trailing `.0`, ISO dates."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, Decimal):
        return f"{cell.to_integral_value() if cell == cell.to_integral_value() else cell:f}"
    return cell.isoformat()


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Give a repeated column a number, so that no column hides another."""
    seen: dict[str, int] = {}
    result = []
    for at, written in enumerate(names, 1):
        name = written.strip("\ufeff \t\u00a0") or f"column {at}"
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(result)

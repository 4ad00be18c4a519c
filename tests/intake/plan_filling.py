"""Fill in the sheets of a plan by program, as a person would in Excel."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xlsxwriter.utility import xl_cell_to_rowcol

from kamflow.intake.forms import plan_reading
from tests.intake.filling import cells, store

Spot = tuple[str, str]  # code of a line, name of a cell


def places(path: Path, account: str | None = None) -> dict[Spot, tuple[str, str]]:
    """Sheet and cell of everything that can be filled in; of the first plan, or that of an account."""
    plan = next(each for each in plan_reading.read(path) if account in (None, each.account))
    return {
        (line.code, name): (plan.name, cell.place) for line in plan.lines for name, cell in line.cells.items()
    }


def put_in(source: Path, target: Path, said: Mapping[tuple[str, str], Any]) -> Path:
    """The same workbook with cells written anew: (sheet, A1) -> value."""
    sheets = cells(source)
    for (sheet, place), value in said.items():
        row, column = xl_cell_to_rowcol(place)
        sheets[sheet][row][column] = value
    return store(target, sheets)


def answered(source: Path, target: Path, said: Mapping[Spot, Any], account: str | None = None) -> Path:
    """The same workbook with cells of a plan written anew, named by the code of their line."""
    at = places(source, account)
    return put_in(source, target, {at[spot]: value for spot, value in said.items()})

"""CSV that Excel opens without running a formula, and that reads back to exactly what it was."""

import re
from collections.abc import Iterable, Sequence

from kamflow.intake.rows import Cell

# A file with this column was written by us; only there a leading ' is taken off again.
MARK = "_kamflow"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "'")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")


def guarded(written: str) -> str:
    """Put ' before what a spreadsheet would take for a formula."""
    if written.startswith(_DANGEROUS) and not _NUMBER.fullmatch(written):
        return "'" + written
    return written


def bare(cell: Cell) -> Cell:
    """Take off what `guarded` put on."""
    if isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(_DANGEROUS):
        return cell[1:]
    return cell


def is_guarded(columns: Sequence[str]) -> bool:
    """Whether the file was written by us."""
    return MARK in columns


def guard_row(cells: Iterable[str]) -> list[str]:
    return [guarded(each) for each in cells]

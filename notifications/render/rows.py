"""What has room beside each other on a phone and on a desk, and how a table reads where it has none."""

from collections.abc import Mapping
from functools import lru_cache

from notifications.render.item import Cell, Line, Table, Tone

# Pixels of the card inside a mail where it is widest, and on a phone of 360.
DESK, PHONE = 536, 308
# Pixels: a character of Inter in a table, and the gap between two columns.
_CHARACTER, _GAP = 7.4, 12
# A character of bold type, measured against its size; figures in a chip of 13 px are wider than letters.
_BOLD, _LETTER, _FIGURE, _CHIP, _EDGES = 0.55, 0.47, 0.62, 13, 28
# A name of the first column breaks between words; below this it would break inside them.
_FIRST, _WORD, _NUMBER = 12, 14, 22


def lines(table: Table, marks: Mapping[Tone, str] | None = None) -> tuple[Line, ...]:
    """One line a row: its first cell, then each value after its column's name, `marks` before its text."""
    return tuple(_line(table.head, row, marks or {}) for row in table.rows)


def width(table: Table) -> float:
    """Pixels below which its words and numbers would break."""
    columns = range(len(table.head))
    return sum(_CHARACTER * _characters(table, column) + _GAP for column in columns) - _GAP


def beside(text: str, chip: str, size: int) -> bool:
    """Whether a phone has room for a chip beside a text of so many pixels without breaking its words."""
    word = max(map(len, text.split()), default=0)
    return word * size * _BOLD + _wide(chip) * _CHIP + _EDGES <= PHONE


@lru_cache(maxsize=1024)  # most chips say the same
def _wide(chip: str) -> float:
    figures = sum(map(str.isdigit, chip))
    return figures * _FIGURE + (len(chip) - figures) * _LETTER


def _line(heads: tuple[str, ...], row: tuple[Cell, ...], marks: Mapping[Tone, str]) -> Line:
    first, *others = (f"{marks.get(cell.tone or 'calm', '')}{cell.text}" if cell.text else "" for cell in row)
    said = (
        f"{head}: {text}" if head else text for head, text in zip(heads[1:], others, strict=False) if text
    )
    return Line(first, text="; ".join(said))


def _characters(table: Table, column: int) -> int:
    cells = [row[column].text for row in table.rows if column < len(row)]
    head = max(map(len, table.head[column].split()), default=0)
    if column in table.numbers:
        return max(head, min(max(map(len, cells), default=0), _NUMBER))
    words = [len(word) for cell in cells for word in cell.split()]
    return max(_FIRST if column == 0 else 0, min(head, _WORD), min(max(words, default=0), _WORD))

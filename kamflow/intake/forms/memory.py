"""What a form remembers of the day it was written, and which of three values counts when it comes back."""

import re
from collections.abc import Iterable
from typing import Any

from kamflow.intake.rows import Cell, text

SHEET = "kamflow"
CELL = 32_767  # characters that Excel lets a cell hold
CUT = " …✂"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Clash(ValueError):
    """A cell was changed in the form and in kamflow since the form was written."""

    def __init__(self, base: str, now: str) -> None:
        super().__init__(
            f"{_clipped(base) or 'nothing'!r} as when the form was written;"
            f" kamflow has {_clipped(now) or 'nothing'!r} meanwhile"
        )


def shown(written: str | None) -> str:
    """Text as a sheet can hold it: what XML forbids becomes U+FFFD; line breaks are \\n."""
    return _FORBIDDEN.sub("\ufffd", (written or "").replace("\r\n", "\n").replace("\r", "\n"))


def fitting(written: str) -> str:
    """Text as one cell can hold it. What is cut off stays in kamflow: a cut cell cannot be changed here."""
    if len(written) <= CELL // 2 or _units(written) <= CELL:
        return written
    cut = written[: CELL - len(CUT)]
    while _units(cut) > CELL - len(CUT):
        cut = cut[: -max(1, (_units(cut) - CELL + len(CUT)) // 2)]
    return cut + CUT


def is_cut(value: object) -> bool:
    """Whether a cell holds only the beginning of it."""
    return isinstance(value, str) and len(value) > CELL // 2 and _units(shown(value)) > CELL


def _units(written: str) -> int:
    """Excel counts what lies beyond the basic plane twice."""
    return len(written) + sum(char > "\uffff" for char in written)


def taken(base: str, written: str, now: str) -> bool:
    """Whether the form's value goes in: it was changed there, and in kamflow nothing was.

    Raises:
        Clash: it was changed on both sides.
    """
    if written in (base, now):
        return False
    if now != base:
        raise Clash(base, now)
    return True


def _clipped(written: str) -> str:
    return written if len(written) <= 200 else f"{written[:200]}… ({len(written)} characters)"


def remember(book: Any, lines: Iterable[tuple[str, str, str, str]]) -> None:
    """Write (kind, one, two, value) into a sheet that nobody sees."""
    memory = book.add_worksheet(SHEET)
    memory.very_hidden()
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            memory.write_string(row, column, shown(value))


def remembered(cells: Iterable[list[Cell]]) -> list[tuple[str, str, str, str]]:
    """The same, read back."""
    lines: list[tuple[str, str, str, str]] = []
    for row in cells:
        kind, one, two, value = [*(text(cell) for cell in row), "", "", "", ""][:4]
        lines.append((kind, one, two, value))
    return lines

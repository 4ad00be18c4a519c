"""One contact matrix on its way in: what it says, what is stored, and which of both counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kamflow.intake.context import Context
from kamflow.intake.forms.matrix import Matrix
from kamflow.intake.forms.matrix_sheet import Sheet
from kamflow.intake.forms.memory import Clash, shown, taken
from kamflow.intake.known import Names, folded
from kamflow.intake.mapping import Block, MatrixForm
from kamflow.intake.record import Record
from kamflow.intake.rows import Row, Table

_TABLE = ("person", "contact", "topics", "ist/soll")


@dataclass(slots=True)
class Form:
    """One file on its way in."""

    ctx: Context
    options: MatrixForm
    path: Path
    sheet: Sheet
    stored: Matrix

    def record(self, entity: str, row: int, cells: Sequence[str] = (), **values: Any) -> Record:
        filled = (*cells, "", "", "", "")[:4]
        table = Table(self.path.name, self.path.stem, _TABLE, ())
        return Record(entity, table, Row(row + 1, filled), Block(), dict(values))


def merged(form: Form, record: Record, key: tuple[str, str, str], written: str, stored: object) -> str | None:
    """What to write of a cell; None leaves what is stored. Changed on both sides: it comes back."""
    now = shown("" if stored is None else str(stored)).strip()
    base = form.sheet.memory.get(key)
    if base is None:  # nobody remembers: the form counts where it says something
        return written if written and written != now else None
    base = base.strip()
    try:
        return written if taken(base, written, now) else None
    except Clash as clash:
        record.refuse(f"{key[2]} of {key[1]}", str(clash), written)
        return None


def by_name(names: Names, name: str, among: Sequence[int] | None) -> tuple[int | None, str | None]:
    """By full name, else by a last name that only one has."""
    called = names.by_name.get(folded(name), set())
    if not called:
        called = {
            row for each, rows in names.by_name.items() if each.endswith(f" {folded(name)}") for row in rows
        }
    if among is not None:
        called = called & set(among)
    if len(called) > 1:
        return None, f"a name that only one has; {len(called)} are called so"
    return next(iter(called), None), None

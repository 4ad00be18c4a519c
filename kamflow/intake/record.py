"""A row on its way in: the values it gave, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from kamflow.intake.mapping import Block
from kamflow.intake.rows import Row, Table


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row comes back: the column, what it held and what was expected."""

    column: str
    value: str
    expected: str
    unknown: bool = False


@dataclass(slots=True)
class Record:
    """One entity out of one row. `values` holds typed values; references are still text until resolved."""

    entity: str
    table: Table
    row: Row
    block: Block
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    said: Mapping[str, str] = field(default_factory=dict)  # what cells held, where values no longer show it
    withheld: bool = False  # its cells are not written into the file of rejected rows

    @property
    def where(self) -> str:
        sheet = "" if self.table.name == PurePath(self.table.file).stem else f"sheet {self.table.name}, "
        return f"{self.table.file}, {sheet}line {self.row.line}"

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def refuse(self, name: str, expected: str, value: object = None, *, unknown: bool = False) -> None:
        """Send the row back because of a field; `unknown` means that it points at nothing we know."""
        shown = self.said.get(name, value if value is not None else self.values.get(name))
        self.problems.append(
            Problem(self.column(name), "" if shown is None else str(shown), expected, unknown)
        )

    def withhold(self, expected: str) -> None:
        """Send the row back without what it holds: it is about somebody who was erased."""
        self.withheld = True
        self.problems.append(Problem("", "", expected))

    def column(self, name: str) -> str:
        """The column of the file that holds a field, or the field's own name."""
        take = self.block.columns.get(name)
        if take is None:
            return name
        return ", ".join(take.first or take.all) or name

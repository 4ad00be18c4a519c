"""A sheet of a form, described: its columns, its rows, and what a cell of it may hold.

`sheet_workbook` writes sheets, `sheet_reading` finds them in a file, `sheet_records` tells what changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kamflow.intake.entities.fields import Field

MARK = "kamflow:"  # begins the hidden line that names the columns; the sheet's code follows
KEY, VERSION = "_key", "_version"
BLANK = 40  # empty rows with a key of their own: filled in, such a row is found again
NEW = "new-"


@dataclass(frozen=True, slots=True)
class Title:
    """A word in both languages."""

    de: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.de


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field of the entity that it fills, its title, its width in characters.

    `fixed`: shown, but never read back.
    """

    field: Field
    title: Title
    width: int = 16
    note: Title | None = None
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `code` is written into it, so that it may be renamed and its columns moved."""

    code: str
    entity: str
    title: Title
    columns: tuple[Column, ...]
    note: Title
    internal: bool = False

    def column(self, name: str) -> Column | None:
        return next((each for each in self.columns if each.field.name == name), None)


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the database on its way into a sheet: typed values by field, references as row ids."""

    key: str
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Filled:
    """A row of a sheet as it came back. `line` is the number that Excel shows; `places` are cells' names."""

    line: int
    key: str
    version: str
    cells: Mapping[str, Any]
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_new(self) -> bool:
        return not self.key or self.key.startswith(NEW)

    @property
    def empty(self) -> bool:
        return not any(str(each).strip() for each in self.cells.values())


@dataclass(frozen=True, slots=True)
class Returned:
    """A sheet of a file: which one it is, under what name it stands there, its rows."""

    code: str
    name: str
    titles: tuple[str, ...]
    rows: Sequence[Filled]


@dataclass(slots=True)
class Form:
    """A whole form as it came back: what it is about, what it was written with, its sheets."""

    kind: str
    meta: dict[str, str]
    memory: dict[tuple[str, str, str], str]
    sheets: list[Returned] = field(default_factory=list)

    @property
    def language(self) -> str:
        return self.meta.get("language", "de")

    def base(self, code: str, key: str, name: str) -> str | None:
        """What stood in a cell when the form was written; None where nobody remembers."""
        return self.memory.get((code, key, name))

"""Say what an unknown file seems to be, and write a mapping for it to be checked by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kamflow.intake.entities.catalogue import ENTITIES
from kamflow.intake.entities.fields import Entity, Field
from kamflow.intake.forms import sheet_reading
from kamflow.intake.mapping import Mapping
from kamflow.intake.presets import shelf
from kamflow.intake.readers import tables, workbook
from kamflow.intake.readers.delimited import Dialect, decode
from kamflow.intake.rows import Table, text

# Headers that say what a file is about better than counting matches does.
_TELLING = {
    "contacts": {"vorname", "nachname", "first name", "last name", "firstname", "lastname", "anrede"},
    "revenue": {"umsatz", "betrag", "netamount", "amount", "revenue"},
    "projects": {"stagename", "deal_stage", "projekt", "opportunity", "wahrscheinlichkeit"},
    "targets": {"soll"},
    "absences": {"abwesend"},
    "rates": {"kurs", "rate"},
    "teams": {"rolle", "role"},
    "interactions": {"ansprechpartner", "contacts"},
    "people": {"superior", "vorgesetzter", "arbeitstage"},
}


@dataclass(frozen=True, slots=True)
class Guess:
    """An entity that a table seems to hold; field -> column."""

    table: Table
    entity: Entity
    columns: dict[str, str]

    @property
    def missing(self) -> list[str]:
        """Fields that must be filled and have no column yet."""
        return [each.name for each in self.entity.fields if each.required and each.name not in self.columns]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was found out about a file."""

    path: Path
    preset: str | None
    guesses: tuple[Guess, ...]
    skip_lines: int = 0

    def told(self) -> list[str]:
        """Lines for a person."""
        if self.preset and not self.guesses:
            return [f"{self.path.name}: for the preset {self.preset}"]
        lines = [f"{self.path.name}: looks like the preset {self.preset}"] if self.preset else []
        for each in self.guesses:
            lines.append(f"{each.table.name}: {each.entity.name}, {len(each.table.rows)} rows")
            lines += [f"  {column} -> {field}" for field, column in each.columns.items()]
            lines += [f"  ? -> {field} (no column found)" for field in each.missing]
        return lines or [f"{self.path.name}: nothing recognised"]


def recognise(path: Path) -> Recognised:
    """Look at a file's name and headers.

    Raises:
        Refused: the file cannot be read at all.
    """
    if path.suffix.lower() == ".ics":
        return Recognised(path, "calendar", ())
    if sheet_reading.kind(path) is not None:
        return Recognised(path, "form", ())
    if path.suffix.lower() in (".xlsx", ".xlsm") and _is_matrix(path):
        return Recognised(path, "contact-matrix", ())
    skip = _metadata_lines(path)
    found = tables.read(path, Dialect(skip_lines=skip))
    guesses = tuple(guess for table in found if (guess := _guess(table)) is not None)
    return Recognised(path, _preset(found), guesses, skip)


def _is_matrix(path: Path) -> bool:
    book = workbook.open_book(path)
    first = workbook.grid(book, book.sheet_names[0]) if book.sheet_names else []
    labels = {text(cell).strip().casefold() for row in first[:10] for cell in row[:4]}
    return bool(labels & {"einfluss", "influence", "einfluß"})


def _metadata_lines(path: Path) -> int:
    """DATEV writes a line about the file before the header."""
    if path.suffix.lower() not in (".csv", ".txt"):
        return 0
    return 1 if decode(path, path.read_bytes())[:7].strip('"').startswith(("EXTF", "DTVF")) else 0


def _preset(found: Sequence[Table]) -> str | None:
    for name in ("salesforce-tree", "salesforce", "kamflow"):
        plan = shelf.preset(name)
        if found and all(_covers(plan, name, table) for table in found):
            return name
    return None


def _covers(plan: Mapping, name: str, table: Table) -> bool:
    """Whether a block is for a table of this name, and its needed columns are there."""
    headers = {column.casefold() for column in table.columns}
    if name == "salesforce" and "id" not in headers:
        return False
    if name == "salesforce-tree" and not {"attributes.type", "@"} & {*headers, _sign(table)}:
        return False
    for entity, block in plan.blocks:
        if not block.fits(table.file, table.name):
            continue
        needed = [each.name for each in _entity(entity).fields if each.required]
        takes = [block.columns[field] for field in needed if field in block.columns]
        if all(any(c.casefold() in headers for c in (*take.first, *take.all)) for take in takes):
            return True
    return False


def _sign(table: Table) -> str:
    """What tells Salesforce's CSV trees: references that begin with @."""
    first = table.rows[0].cells if table.rows else ()
    return (
        "@" if any(isinstance(cell, str) and cell.startswith("@") and "Ref" in cell for cell in first) else ""
    )


def _entity(name: str) -> Entity:
    return next(each for each in ENTITIES if each.name == name)


def _guess(table: Table) -> Guess | None:
    """The entity whose fields explain most of the columns."""
    headers = {column.casefold().strip(): column for column in table.columns}
    guesses = [Guess(table, entity, _columns(entity, headers)) for entity in ENTITIES]
    scored = sorted(guesses, key=lambda each: _score(each, headers), reverse=True)
    return scored[0] if scored and _score(scored[0], headers) >= 2 else None


def _score(guess: Guess, headers: dict[str, str]) -> float:
    telling = _TELLING.get(guess.entity.name, set()) & set(headers)
    return len(guess.columns) - 1.5 * len(guess.missing) + 2 * len(telling)


def _columns(entity: Entity, headers: dict[str, str]) -> dict[str, str]:
    """Field -> column; a column serves one field only."""
    columns: dict[str, str] = {}
    for field in entity.fields:
        for name in _spellings(field):
            column = headers.get(name)
            if column is not None and column not in columns.values():
                columns[field.name] = column
                break
    return columns


def _spellings(field: Field) -> tuple[str, ...]:
    return (*field.headers, field.name, field.name.replace("_", " "), field.name.replace("_", ""))


def draft(found: Recognised) -> str:
    """A mapping as text, with a comment on everything that a person has to decide."""
    if found.preset and not found.guesses:
        return shelf.content(found.preset)
    lines = [
        f"# Draft for {found.path.name}: check it, then run",
        f"#   kamflow import {found.path.name} --map {draft_path(found.path).name}",
        *([f"# It also looks like a preset: kamflow import {found.path.name} --preset {found.preset}"]
          if found.preset else []),
        "",
        f'source = {_quoted(found.path.stem.casefold())}      # what the ids of this file are kept under',
        '# number = "de"             # 1.234,56, or "en": 1,234.56; needed where a value can be either',
        '# date = "dd.mm.yyyy"       # needed for dates such as 03/04/2026: "dd/mm/yyyy" or "mm/dd/yyyy"',
        *([f"skip_lines = {found.skip_lines}"] if found.skip_lines else []),
    ]  # fmt: skip
    for guess in found.guesses:
        lines += ["", f"[[{guess.entity.name}]]", f"file = {_quoted(guess.table.name)}"]
        lines += [f"columns.{field} = {_quoted(column)}" for field, column in guess.columns.items()]
        lines += [
            f'columns.{field} = "?"           # must be filled: name the column' for field in guess.missing
        ]
        lines += _left_over(guess)
    if not found.guesses:
        lines += ["", "# Nothing was recognised. Entities: " + ", ".join(each.name for each in ENTITIES)]
    return "\n".join(lines) + "\n"


def _left_over(guess: Guess) -> list[str]:
    open_fields = [each for each in guess.entity.fields if each.name not in {*guess.columns, *guess.missing}]
    unused = [column for column in guess.table.columns if column not in guess.columns.values()]
    lines = ["# Columns not used: " + ", ".join(_shown(each) for each in unused)] if unused else []
    lines += [
        f'# columns.{each.name} = "…"' + (f"   # {each.meaning}" if each.meaning else "")
        for each in open_fields
    ]
    return lines


def draft_path(path: Path) -> Path:
    """Where the draft of a file goes; one that is there, and may have been edited, is never overwritten."""
    target, number = path.with_name(f"{path.stem}.draft.toml"), 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.stem}.draft-{number}.toml")
    return target


def _quoted(value: str) -> str:
    """A TOML string, whatever a header holds."""
    out = []
    for char in value:
        if char in '"\\':
            out.append("\\" + char)
        elif ord(char) < 32 or ord(char) == 127:
            out.append(f"\\u{ord(char):04x}")
        else:
            out.append(char)
    return '"' + "".join(out) + '"'


def _shown(value: str) -> str:
    return "".join(char if char.isprintable() else " " for char in value)

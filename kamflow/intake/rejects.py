"""Give bad rows back in full, so that they can be mended and imported again."""

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from kamflow.intake.guard import MARK, guarded
from kamflow.intake.record import Record
from kamflow.intake.rows import Table, text

_OURS = ("_file", "_line", "_column", "_value", "_expected", MARK)


def write(rejects: Sequence[Record], folder: Path, now: datetime) -> list[Path]:
    """One CSV per table that had bad rows: its own columns, then where and why.

    A row that several entities refused stands there once, with all reasons.
    """
    if not rejects:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[tuple[str, str], list[Record]] = {}
    for record in rejects:
        tables.setdefault((record.table.file, record.table.name), []).append(record)
    return [_write(records, _free(folder, records[0].table, now)) for records in tables.values()]


def _write(records: Sequence[Record], path: Path) -> Path:
    table = records[0].table
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerow([*(name for name in table.columns if name not in _OURS), *_OURS])
        lines: dict[int, list[Record]] = {}
        for record in records:
            lines.setdefault(record.row.line, []).append(record)
        for line in sorted(lines):
            writer.writerow(_line(lines[line]))
    return path


def _line(records: Sequence[Record]) -> list[str]:
    first = records[0]
    held = () if any(each.withheld for each in records) else first.row.cells
    cells = [
        guarded(text(cell))
        for name, cell in zip(first.table.columns, held, strict=False)
        if name not in _OURS
    ]
    beyond = [guarded(text(cell)) for cell in held[len(first.table.columns) :]]
    width = sum(name not in _OURS for name in first.table.columns)
    problems = list(dict.fromkeys(each for record in records for each in record.problems))
    columns = " | ".join(each.column for each in problems)
    values = " | ".join([*(each.value for each in problems), *beyond])
    expected = " | ".join(each.expected for each in problems)
    told = [first.table.file, str(first.row.line), columns, values, expected, "1"]
    return [*cells, *[""] * (width - len(cells)), *(guarded(each) for each in told)]


def _free(folder: Path, table: Table, now: datetime) -> Path:
    stem = Path(table.file).stem + ("" if table.name == Path(table.file).stem else f"-{_safe(table.name)}")
    stamp = now.strftime("%Y%m%d-%H%M%S")
    path, number = folder / f"{stem}-{stamp}.csv", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{stamp}-{number}.csv"
    return path


def _safe(name: str) -> str:
    return "".join(each if each.isalnum() else "-" for each in name)[:60]

"""What a sheet that came back says: changed cells and new rows as records; the rest comes back to its author.

A row that is known goes in cell by cell: what cannot be read, or was changed in kamflow meanwhile, comes
back with both values, the other cells go in. A new row goes in whole or not at all.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.intake.context import Context
from kamflow.intake.entities import tool_terms
from kamflow.intake.entities.kept import KEPT
from kamflow.intake.entities.tools import FRESH, ROW
from kamflow.intake.forms import sheet_inserted
from kamflow.intake.forms.memory import is_cut, taken
from kamflow.intake.forms.sheet import Column, Filled, Form, Line, Returned, Sheet
from kamflow.intake.forms.sheet_cells import TEXT, canonical, typed
from kamflow.intake.known import Several
from kamflow.intake.mapping import Block, Take
from kamflow.intake.record import Record
from kamflow.intake.rows import Row, Table, text


@dataclass(slots=True)
class Reading:
    """One sheet on its way in. `stored` are the rows of kamflow by key, as they are now."""

    ctx: Context
    path: Path
    form: Form
    sheet: Sheet
    found: Returned
    stored: Mapping[str, Line]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    seen: dict[str, Filled] = field(default_factory=dict)
    repeats: Counter[str] = field(default_factory=Counter)

    def records(self) -> list[Record]:
        """What goes in; what does not is in the report's rejects already.

        `fixed` are values that every new row has beside its cells, such as the plan.
        """
        good: list[Record] = []
        inserted: list[Record] = []
        for row in self.found.rows:
            record = self._new(row) if row.is_new else self._known(row)
            if record is not None:
                (good if row.key else inserted).append(record)
        return good + sheet_inserted.refuse_corrected(
            self.ctx, self.sheet, self._prefix, self.stored, inserted
        )

    def record(self, row: Filled, values: dict[str, Any] | None = None) -> Record:
        """A record of this sheet that says where it stands."""
        table = Table(self.path.name, self.found.name, self.found.titles, ())
        titles = dict(zip(row.cells, self.found.titles, strict=False))
        places = {name: Take(first=(f"{titles.get(name, name)} ({row.places[name]})",)) for name in row.cells}
        said = {name: text(cell) for name, cell in row.cells.items()}
        block = Block.model_construct(columns=places)
        return Record(
            self.sheet.entity, table, Row(row.line, tuple(row.cells.values())), block, values or {}, said=said
        )

    def _known(self, row: Filled) -> Record | None:
        line = self.stored.get(row.key)
        back = self.record(row)
        if line is None:
            if any(self._differs(row, column) for column in self._columns(row)):
                back.refuse("row", "a row that kamflow still has; this one is gone", row.key)
                self.ctx.report.reject(back)
            return None
        if row.key in self.seen:
            if row.cells != self.seen[row.key].cells:
                back.refuse(
                    "row", f"a row of its own; line {self.seen[row.key].line} is the same one", row.key
                )
                self.ctx.report.reject(back)
            return None
        self.seen[row.key] = row
        values = {
            column.field.name: value
            for column in self._columns(row)
            for value in self._changed(back, row, column, line)
        }
        for name, expected in tool_terms.not_taken(self.sheet.entity, values, line.values).items():
            back.refuse(name, expected)
            del values[name]
        if back.problems:
            self.ctx.report.reject(back)
        elif not values:
            self.ctx.report.count(self.sheet.entity, "unchanged", self.path.name)
        if not values:
            return None
        kept = {"account": line.values["account"]} if "account" in line.values else {}
        return self.record(row, kept | {ROW: int(row.key)} | values)

    def _changed(self, back: Record, row: Filled, column: Column, line: Line) -> Sequence[Any]:
        """The new value of a cell, or nothing."""
        name = column.field.name
        now = canonical(line.values.get(name))
        base = self.form.base(self.sheet.code, row.key, name)
        if base is None:  # what it was written with is lost: then only the version can tell
            base = now if row.version == str(line.version) else "\0"
        if self._same(column, row.cells[name], base):
            return ()
        try:
            if is_cut(line.values.get(name)):
                raise ValueError("no change here: the text is longer than a cell, so change it in kamflow")
            value = self._typed(column, row.cells[name])
            return (value,) if taken(base, canonical(value), now) else ()
        except ValueError as error:
            back.refuse(name, str(error))
            return ()

    def _new(self, row: Filled) -> Record | None:
        columns = self._columns(row)
        if not any(self._differs(row, column) for column in columns):
            return None
        record = self.record(row, {**self.fixed, FRESH: True})
        for column in columns:
            try:
                value = self._typed(column, row.cells[column.field.name])
            except ValueError as error:
                record.refuse(column.field.name, str(error))
                continue
            if value is not None:
                record.values[column.field.name] = value
        if record.problems:
            self.ctx.report.reject(record)
            return None
        record.values["id"] = self._id(row, record)
        return record

    def _id(self, row: Filled, record: Record) -> str:
        """An empty row has a key of its own; one that was inserted is known by what it is about."""
        key = row.key
        if not key:
            key = sheet_inserted.name(self.sheet, record)
            self.repeats[key] += 1
            # Where one may happen several times, their order tells them apart.
            key += f"-{self.repeats[key]}" if KEPT[self.sheet.entity].numbered else ""
        return self._prefix + key

    @property
    def _prefix(self) -> str:
        return f"{self.form.meta['id']}:{self.sheet.code}:"

    def _columns(self, row: Filled) -> list[Column]:
        return [each for each in self.sheet.columns if not each.fixed and each.field.name in row.cells]

    def _differs(self, row: Filled, column: Column) -> bool:
        base = self.form.base(self.sheet.code, row.key, column.field.name) or ""
        return not self._same(column, row.cells[column.field.name], base)

    def _same(self, column: Column, cell: Any, base: str) -> bool:
        """Whether a cell is as it was; one that cannot be read is not."""
        if column.field.kind in TEXT:
            return canonical(text(cell)) == base
        try:
            return canonical(self._typed(column, cell) if text(cell).strip() else None) == base
        except ValueError:
            return False

    def _typed(self, column: Column, cell: Any) -> Any:
        zone = ZoneInfo(self.ctx.company.zone)
        try:
            return typed(cell, column.field, self.ctx.known, zone, self.form.language)
        except Several as error:
            raise ValueError(str(error)) from None

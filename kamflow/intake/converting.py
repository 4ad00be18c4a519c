"""Rows of a table into records of an entity, by a block of the mapping."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kamflow.errors import Refused
from kamflow.intake import cells, mapping
from kamflow.intake.entities import answer_fields
from kamflow.intake.entities.catalogue import BY_NAME
from kamflow.intake.entities.fields import REFERENCES, Field
from kamflow.intake.guard import bare, is_guarded
from kamflow.intake.record import Record
from kamflow.intake.rows import Cell, Row, Table, text

Lookup = Mapping[str, Row]
ANY = "*"  # in a value map: everything it does not name


@dataclass(frozen=True, slots=True)
class Joined:
    """A second file, by key."""

    join: mapping.Join
    table: Table
    rows: Lookup


@dataclass(frozen=True, slots=True)
class _Column:
    """How one field of one block is read."""

    field: Field
    take: mapping.Take
    places: tuple[Callable[[Row], Cell], ...]
    form: cells.Format
    values: Mapping[str, str]
    required: bool


@dataclass(slots=True)
class Converter:
    """Makes the records of one block from one table."""

    entity: str
    block: mapping.Block
    table: Table
    whole: mapping.Mapping
    joins: tuple[Joined, ...]
    zone: ZoneInfo
    skipped: int = 0

    def records(self) -> Iterator[Record]:
        """One record per row that the filters let pass; what is wrong stands in its problems.

        Raises:
            Refused: a column is missing, or a format cannot be decided.
        """
        columns = [each for field in BY_NAME[self.entity].fields if (each := self._column(field))]
        tests = self._tests()
        for number, row in enumerate(self.table.rows, 1):
            if row.flaw:
                broken = Record(self.entity, self.table, row, self.block)
                broken.refuse("row", row.flaw, "")
                yield broken
            elif all(test(row) for test in tests):
                yield self._record(row, number, columns)
            else:
                self.skipped += 1

    def _record(self, row: Row, number: int, columns: list[_Column]) -> Record:
        record = Record(self.entity, self.table, row, self.block)
        for joined in self.joins:
            if joined.join.required and self._partner(joined, row) is None:
                shown = text(self._own(joined.join.column)(row))
                record.refuse(joined.join.column, f"a row of {joined.table.file} with this key", shown)
        for column in columns:
            cell = _pick(column, row, number)
            if column.take.strip and isinstance(cell, str):
                cell = cell.removeprefix(column.take.strip)
            if column.values and (written := cells.clean(cell)):
                cell = column.values.get(written.casefold(), column.values.get(ANY, cell))
            self._put(record, column, cell)
        return record

    def _put(self, record: Record, column: _Column, cell: Cell) -> None:
        name = column.field.name
        # Not `strip()`: an address that ends in a line break is a wrong address, not an empty one.
        if isinstance(cell, str) and not cell.strip(" \t\u00a0"):
            if column.required:
                record.refuse(name, _missing(name), "", unknown=column.field.kind in REFERENCES)
            elif self.block.empty == "clear":
                record.values[name] = None
            return
        try:
            record.values[name] = cells.value(cell, column.field, column.form)
        except Refused as error:
            raise Refused(f"{record.where}, {error}") from None
        except ValueError as error:
            record.refuse(name, str(error), cells.clean(cell))

    def _column(self, field: Field) -> _Column | None:
        field = answer_fields.scaled(field, self.block.scale, self.block.ratings_scale)
        take = self.block.columns.get(field.name)
        constant = self.block.constants.get(field.name)
        if take is None and constant is None:
            return None
        required = field.required or field.name in self.block.required
        places = self._places(field, take, required) if take else ()
        if take and not places and not take.row and constant is None:
            return None
        if constant is not None and not places:
            places = (lambda _row: constant,)
        take = take or mapping.Take()
        return _Column(
            field,
            take,
            places,
            cells.Format(
                f"column {', '.join(take.first) or field.name!r}",
                take.date or self.block.date or self.whole.date,
                take.number or self.block.number or self.whole.number,
                self.zone,
                self.block.year,
            ),
            {key.casefold(): each for key, each in self.block.values.get(field.name, {}).items()},
            required and field.name not in self.block.optional,
        )

    def _places(self, field: Field, take: mapping.Take, required: bool) -> tuple[Callable[[Row], Cell], ...]:
        named = [*take.first, *take.all]
        found = [place for name in named if (place := self._place(name))]
        if take.row or (
            found
            and (take.first or len(found) == len(named))
            and (len(found) == len(named) or self.whole.lenient)
        ):
            return tuple(found)
        if self.whole.lenient and not required:
            return tuple(found) if take.first else ()
        missing = [name for name in named if self._place(name) is None]
        raise Refused(
            f"{self.table.file}: no column {', '.join(map(repr, missing))} for {self.entity}.{field.name};"
            f" it has {', '.join(self.table.columns[:30])}"
        )

    def _place(self, name: str) -> Callable[[Row], Cell] | None:
        at = _index(self.table.columns, name)
        if at is not None:
            unguard = is_guarded(self.table.columns)
            return lambda row: bare(row.cells[at]) if unguard else row.cells[at]
        for joined in self.joins:
            stem = joined.join.file.rsplit(".", 1)[0]
            if name.casefold().startswith(f"{stem}.".casefold()):
                at = _index(joined.table.columns, name[len(stem) + 1 :])
                if at is not None:
                    return self._through(joined, at)
        return None

    def _through(self, joined: Joined, at: int) -> Callable[[Row], Cell]:
        def look(row: Row) -> Cell:
            partner = self._partner(joined, row)
            return partner.cells[at] if partner else ""

        return look

    def _partner(self, joined: Joined, row: Row) -> Row | None:
        return joined.rows.get(cells.clean(self._own(joined.join.column)(row)))

    def _own(self, name: str) -> Callable[[Row], Cell]:
        place = self._place(name)
        if place is None:
            raise Refused(
                f"{self.table.file}: no column {name!r}; it has {', '.join(self.table.columns[:30])}"
            )
        return place

    def _tests(self) -> list[Callable[[Row], bool]]:
        tests: list[Callable[[Row], bool]] = []
        for wanted, filters in ((True, self.block.where), (False, self.block.where_not)):
            for name, values in filters.items():
                if self.whole.lenient and self._place(name) is None:
                    continue
                tests.append(_test(self._own(name), {each.casefold() for each in values}, wanted))
        return tests


def _test(place: Callable[[Row], Cell], values: set[str], wanted: bool) -> Callable[[Row], bool]:
    return lambda row: (cells.clean(place(row)).casefold() in values) is wanted


def _index(columns: tuple[str, ...], name: str) -> int | None:
    if name in columns:
        return columns.index(name)
    folded = [each.casefold() for each in columns]
    return folded.index(name.casefold()) if folded.count(name.casefold()) == 1 else None


def _pick(column: _Column, row: Row, number: int) -> Cell:
    if column.take.all:
        return column.take.between.join(cells.clean(place(row)) for place in column.places)
    for place in column.places:
        cell = place(row)
        if not isinstance(cell, str) or cell.strip(" \t\u00a0"):
            return cell
    return column.take.row.replace("{row}", str(number)) if column.take.row else ""


def _missing(name: str) -> str:
    return f"no {name}" if name in ("account", "person", "contact") else f"a value for {name}"


def index(join: mapping.Join, table: Table) -> Joined:
    """Look a second file's rows up by key; the first of equal keys counts.

    Raises:
        Refused: it has no such column.
    """
    at = _index(table.columns, join.equals or join.column)
    if at is None:
        raise Refused(f"{table.file}: no column {join.equals or join.column!r} to join by")
    rows: dict[str, Row] = {}
    for row in table.rows:
        if not row.flaw:
            rows.setdefault(cells.clean(row.cells[at]), row)
    return Joined(join, table, rows)

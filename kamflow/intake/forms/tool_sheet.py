"""The sheet of one tool of KAM training: what is told of its columns, and what its rows hold."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from kamflow.intake.entities.fields import Field
from kamflow.intake.entities.kept import KEPT, Kept
from kamflow.intake.forms.sheet import Column, Line, Sheet, Title
from kamflow.periods import Changes

# Row id -> values of columns that do not stand in the row itself.
Further = Callable[[Session, "Scope", list[Mapping[str, Any]]], Mapping[int, Mapping[str, Any]]]
_NOTE = Title(
    "Zellen ändern und Zeilen unten anfügen, dann einlesen (kamflow import DATEI)."
    " Eine gelöschte Zeile ändert nichts.",
    "Change cells and add rows below, then read it in (kamflow import FILE). A deleted row changes nothing.",
)
_INTERNAL = Title("Nur intern, nie für Kunden. ", "Internal, never for customers. ")


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows: those of these accounts, or all (None). Fiscal years are the company's."""

    accounts: Collection[int] | None = None
    fiscal_years: tuple[int, Changes] = (1, ())


@dataclass(frozen=True, slots=True)
class Tool:
    """A sheet with the way to its rows."""

    sheet: Sheet
    kept: Kept
    further: Further | None = None

    def lines(self, session: Session, scope: Scope, *, locked: bool = False) -> list[Line]:
        """The rows of the database, by account and in the order in which they came; `locked` keeps others
        from changing them until the transaction ends."""
        table = self.kept.table
        query = select(table).order_by(*([table.c.account_id] if "account_id" in table.c else []), table.c.id)
        if scope.accounts is not None and "account_id" in table.c:
            query = query.where(table.c.account_id.in_(scope.accounts))
        query = query.with_for_update() if locked else query
        rows: list[Mapping[str, Any]] = [dict(row) for row in session.execute(query).mappings()]
        more = self.further(session, scope, rows) if self.further else {}
        return [self._line(row, more.get(row["id"], {})) for row in rows]

    def _line(self, row: Mapping[str, Any], more: Mapping[str, Any]) -> Line:
        values = {name: row[column] for name, column in self.kept.columns.items()}
        return Line(str(row["id"]), row["version"], values | dict(more))


def tool(
    entity: str,
    title: Title,
    *columns: tuple[str, str, str, int] | Column,
    notes: Mapping[str, Title] = MappingProxyType({}),
    further: Further | None = None,
) -> Tool:
    """Describe a sheet; a column is (field, German title, English title, width), `notes` are by field."""
    kept = KEPT[entity]
    internal = bool(kept.table.info.get("internal"))
    note = Title(_INTERNAL.de + _NOTE.de, _INTERNAL.en + _NOTE.en) if internal else _NOTE
    made = tuple(each if isinstance(each, Column) else _column(kept, each, notes) for each in columns)
    return Tool(Sheet(entity, entity, title, made, note, internal), kept, further)


def shown(field: Field, de: str, en: str, width: int) -> Column:
    """A column that is worked out: it is shown and never read back."""
    return Column(field, Title(de, en), width, fixed=True)


def _column(kept: Kept, told: tuple[str, str, str, int], notes: Mapping[str, Title]) -> Column:
    name, de, en, width = told
    found = kept.entity.field(name)
    assert found is not None, name  # noqa: S101 - a sheet names fields of its entity
    return Column(found, Title(de, en), width, notes.get(name))

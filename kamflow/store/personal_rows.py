"""All rows about a contact or one of our people, found by walking the foreign keys of the models."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, func, or_, select
from sqlmodel import Session

from kamflow.models.account import ExternalReference
from kamflow.models.erasure import Erased
from kamflow.models.tables import METADATA
from kamflow.store.personal_columns import ABOUT, DID, FREE, PARTS, REFERRING

Row = dict[str, Any]
# What a row alone does not say: by the column that refers to it, what its parent adds.
CONTEXT: dict[str, tuple[str, ...]] = {
    "encounter.interaction_id": ("day", "kind", "state", "source", "account_id"),
    "meeting_attendee.round_id": ("day", "number", "state"),
    "survey_invitation.wave_id": ("account_id", "send_on", "source"),
    "telling.nudge_id": ("rule", "step", "account_id"),
}
# Hashes and tokens are no use to anybody, and safer unsaid.
UNSAID = frozenset({"token_hash", "fingerprint", "digest", "leased_by", "leased_until", "lease_ended_at"})


@dataclass
class Personal:
    """By table: `about` in full, `did` without what was written (it is the account's)."""

    about: dict[str, list[Row]] = field(default_factory=dict)
    did: dict[str, list[Row]] = field(default_factory=dict)


def load(session: Session, kind: Erased, number: int) -> Personal:
    """What is stored of somebody."""
    own = METADATA.tables[kind.value]
    found = Personal({own.name: _rows(session, own, own.c.id == number)})
    for table, which in _referring(kind, ABOUT, number):
        _keep(found.about, table, _rows(session, table, which))
    for child, parent, column in _parts():
        keys = [row[_single_key(parent)] for row in found.about.get(parent.name, ())]
        _keep(found.about, child, _rows(session, child, child.c[column].in_(keys)) if keys else [])
    for table, which in _referring(kind, DID, number):
        written = set(FREE.get(table.name, "").split())
        rows = [
            {name: value for name, value in row.items() if name not in written}
            for row in _rows(session, table, which)
        ]
        _keep(found.did, table, rows)
    references = ExternalReference.__table__  # pyright: ignore[reportAttributeAccessIssue]
    theirs = (references.c.kind == kind.value) & (references.c.row_id == number)
    _keep(found.about, references, _rows(session, references, theirs))
    return found


def counts(session: Session, kind: Erased, number: int) -> dict[str, int]:
    """How many rows there are of each table, about somebody or with them in it."""
    found: dict[str, int] = {}
    for table, which in (*_referring(kind, ABOUT, number), *_referring(kind, DID, number)):
        many = session.execute(select(func.count()).select_from(table).where(which)).scalar_one()
        if many:
            found[table.name] = found.get(table.name, 0) + many
    return found


def _referring(kind: Erased, meaning: str, number: int) -> Iterator[tuple[Table, Any]]:
    """The tables with rows of this meaning, and which of their rows."""
    columns: dict[str, list[Any]] = {}
    for name, said in REFERRING.items():
        table, _, column = name.partition(".")
        key = next(iter(METADATA.tables[table].c[column].foreign_keys))
        if said == meaning and key.column.table.name == kind.value:
            columns.setdefault(table, []).append(METADATA.tables[table].c[column] == number)
    for table, which in sorted(columns.items()):
        yield METADATA.tables[table], or_(*which)


def _parts() -> Iterator[tuple[Table, Table, str]]:
    for name in PARTS:
        table, _, column = name.partition(".")
        key = next(iter(METADATA.tables[table].c[column].foreign_keys))
        yield METADATA.tables[table], key.column.table, column


def _single_key(table: Table) -> str:
    return next(iter(table.primary_key.columns)).name


def _rows(session: Session, table: Table, which: Any) -> list[Row]:
    columns: list[Any] = [column for column in table.columns if column.name not in UNSAID]
    source: Any = table
    for column in table.columns:
        more = CONTEXT.get(f"{table.name}.{column.name}")
        if more:
            parent = next(iter(column.foreign_keys)).column.table
            source = source.outerjoin(parent, column == next(iter(parent.primary_key.columns)))
            columns += [parent.c[name].label(f"{parent.name}.{name}") for name in more]
    query = select(*columns).select_from(source).where(which).order_by(*table.primary_key.columns)
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in session.execute(query).mappings()
    ]


def _keep(into: dict[str, list[Row]], table: Table, rows: list[Row]) -> None:
    if rows:
        into.setdefault(table.name, []).extend(rows)

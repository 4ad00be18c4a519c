"""Write many rows at once: new ones in one insert, changed ones in one executemany."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, delete, insert, select, tuple_, update
from sqlmodel import Session, SQLModel, col

from kamflow.models.account import ExternalReference

State: TypeAlias = Literal["new", "changed", "unchanged"]
CHUNK = 5000
# From this share of the table on, reading it whole is quicker than asking for ids.
MANY = 2000


@dataclass(slots=True)
class Wanted:
    """What a row of ours should hold. `row_id` is None while it does not exist."""

    values: dict[str, Any]
    row_id: int | None = None
    defaults: dict[str, Any] = field(default_factory=dict)
    state: State = "unchanged"


def write(session: Session, model: type[SQLModel], wanted: Sequence[Wanted]) -> None:
    """Insert what has no id, update what differs; sets `row_id` and `state` of each."""
    table: SqlTable = model.__table__  # pyright: ignore[reportAttributeAccessIssue]
    stored = _stored(session, table, [each.row_id for each in wanted if each.row_id is not None])
    changed: dict[tuple[str, ...], list[Wanted]] = {}
    for each in wanted:
        if each.row_id is None:
            continue
        row = stored[each.row_id]
        if any(row[name] != value for name, value in each.values.items()):
            each.state = "changed"
            changed.setdefault(tuple(each.values), []).append(each)
    _insert(session, model, [each for each in wanted if each.row_id is None])
    for names, rows in changed.items():
        statement = (
            update(table).where(table.c.id == bindparam("_id")).values({n: bindparam(f"_{n}") for n in names})
        )
        session.execute(
            statement, [{"_id": each.row_id} | {f"_{n}": v for n, v in each.values.items()} for each in rows]
        )


def _insert(session: Session, model: type[SQLModel], wanted: list[Wanted]) -> None:
    if not wanted:
        return
    # The table, not the model: the ORM would cut the rows wherever other columns are empty.
    table: SqlTable = model.__table__  # pyright: ignore[reportAttributeAccessIssue]
    # Core inserts know nothing of the models' defaults.
    fields = {name: f for name, f in model.model_fields.items() if name in table.c and name != "id"}
    blank = {name: None if f.is_required() else f.default for name, f in fields.items()}
    rows = [
        blank | each.defaults | {k: v for k, v in each.values.items() if v is not None} for each in wanted
    ]
    ids = session.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows)
    for each, row_id in zip(wanted, ids.scalars(), strict=True):
        each.row_id, each.state = row_id, "new"


def _stored(session: Session, table: SqlTable, ids: list[int]) -> dict[int, Any]:
    query = select(table)
    if len(ids) > MANY:
        return {row["id"]: row for row in session.execute(query).mappings()}
    found: dict[int, Any] = {}
    for chunk in chunks(ids):
        found |= {row["id"]: row for row in session.execute(query.where(table.c.id.in_(chunk))).mappings()}
    return found


def chunks(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Cut into pieces that fit the number of parameters a database takes."""
    return (items[at : at + CHUNK] for at in range(0, len(items), CHUNK))


def references(session: Session, source: str, kind: str) -> dict[str, int]:
    """External id -> row id, of what this source knows."""
    query = select(col(ExternalReference.external_id), col(ExternalReference.row_id)).where(
        col(ExternalReference.source) == source, col(ExternalReference.kind) == kind
    )
    return dict(session.execute(query).tuples().all())


def refer(session: Session, source: str, kind: str, pairs: dict[str, int], known: dict[str, int]) -> set[str]:
    """Make external ids point at our rows; returns those that were new or pointed elsewhere."""
    moved = {external for external, row_id in pairs.items() if known.get(external) != row_id}
    stale = [(source, kind, external) for external in moved if external in known]
    columns = (ExternalReference.source, ExternalReference.kind, ExternalReference.external_id)
    for chunk in chunks(stale):
        session.execute(delete(ExternalReference).where(tuple_(*map(col, columns)).in_(chunk)))
    rows = [
        {"source": source, "kind": kind, "external_id": external, "row_id": pairs[external]}
        for external in pairs
        if external in moved
    ]
    if rows:
        session.execute(insert(ExternalReference.__table__), rows)  # pyright: ignore[reportAttributeAccessIssue]
    known.update(pairs)
    return moved

"""Where what people wrote names somebody: found row by row, and swapped for a marker where that is asked."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Select, String, Table, cast, func, or_, select, update
from sqlmodel import Session

from kamflow.models.tables import METADATA
from kamflow.store import personal_columns
from kamflow.store.name_spelling import Spellings

AROUND = 60  # characters shown on either side of a name
STRETCH = 2_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that names the person. `sure`: it can hardly be meant of another one; `key` finds its row."""

    table: str
    column: str
    key: tuple[int | str, ...]
    account: int | None
    sure: bool
    excerpt: str

    @property
    def where(self) -> str:
        return f"{self.table} {'/'.join(map(str, self.key))}, {self.column}"


def find(session: Session, spelled: Spellings, accounts: Collection[int], *, alone: bool) -> list[Hit]:
    """Every text that names the person. The last name by itself is sure at these accounts, where `alone` says
    that nobody else is called so."""
    return [
        hit
        for name in personal_columns.FREE
        for hit in _in_table(session, METADATA.tables[name], spelled, frozenset(accounts), alone=alone)
    ]


def swap(session: Session, hits: Collection[Hit], spelled: Spellings, marker: str) -> int:
    """Put the marker in place of the name in texts that are surely meant; return how many were changed."""
    return sum(_swapped(session, hit, spelled, marker) for hit in hits if hit.sure)


def _in_table(
    session: Session, table: Table, spelled: Spellings, accounts: frozenset[int], *, alone: bool
) -> Iterator[Hit]:
    columns = personal_columns.free(table)
    keys = list(table.primary_key.columns)
    query = _with_account(table, [*keys, *columns]).where(_may_hold(columns, spelled.fragments))
    for row in session.execute(query, execution_options={"yield_per": STRETCH}):
        account = row[-1]
        key = tuple(row[: len(keys)])
        for column, value in zip(columns, row[len(keys) : -1], strict=True):
            texts = [text for text in _texts(value) if spelled.found(text)]
            if texts:
                # A long text may hold the last name by itself beside the full one: both are swapped together.
                full = any(spelled.found(text, lone=False) for text in texts)
                sure = full or (alone and account in accounts)
                yield Hit(table.name, column.name, key, account, sure, _excerpt(texts[0], spelled))


def _may_hold(columns: Collection[Column[Any]], fragments: Collection[str]) -> Any:
    """A rough look by the database: only rows in which a piece of the name stands are read."""
    return or_(
        *(
            func.lower(cast(column, String)).contains(_as_stored(fragment.lower()), autoescape=True)
            for column in columns
            for fragment in fragments
        )
    )


def _as_stored(fragment: str) -> str:
    # JSON text may spell other letters than ours as \uXXXX: then every row is looked at.
    return fragment if fragment.isascii() else ""


def _with_account(table: Table, columns: list[Column[Any]]) -> Select[Any]:
    """These columns and the account the row belongs to, through whatever lies between."""
    path = _path(table.name)
    if path is None:
        return select(*columns, cast(None, String).label("account"))
    query, here = select(table), table
    source: Any = table
    for column in path[:-1]:
        parent = next(iter(here.c[column].foreign_keys)).column.table
        source = source.outerjoin(parent, here.c[column] == parent.primary_key.columns.values()[0])
        here = parent
    query = select(*columns, here.c[path[-1]].label("account"))
    return query.select_from(source)


@cache
def _path(name: str, deep: int = 3) -> tuple[str, ...] | None:
    """Columns from a table to its account: (plan_id, account_id)."""
    table = METADATA.tables[name]
    if name == "account":
        return ("id",)
    if "account_id" in table.c:
        return ("account_id",)
    for column in table.columns if deep else ():
        for key in column.foreign_keys:
            parent = key.column.table
            single = len(parent.primary_key.columns) == 1
            if parent.name in personal_columns.NOBODY or parent.name == name or not single:
                continue
            further = _path(parent.name, deep - 1)
            if further is not None:
                return (column.name, *further)
    return None


def _texts(value: Any) -> Iterator[str]:
    """The strings in a value: the text itself, or those in JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _excerpt(text: str, spelled: Spellings) -> str:
    match = spelled.sure.search(text) or (spelled.lone.search(text) if spelled.lone else None)
    if match is None:
        return ""
    first, last = max(0, match.start() - AROUND), match.end() + AROUND
    return ("…" if first else "") + " ".join(text[first:last].split()) + ("…" if last < len(text) else "")


def _swapped(session: Session, hit: Hit, spelled: Spellings, marker: str) -> bool:
    table = METADATA.tables[hit.table]
    keys = zip(table.primary_key.columns, hit.key, strict=True)
    here = [column == value for column, value in keys]
    column = table.c[hit.column]
    before = session.execute(select(column).where(*here)).scalar_one()
    after = _put(before, spelled, marker)
    if after == before:
        return False
    values: dict[str, Any] = {hit.column: after}
    if "version" in table.c:
        values["version"] = table.c.version + 1  # a form that was handed out before shows the old text
    session.execute(update(table).where(*here).values(values))
    return True


def _put(value: Any, spelled: Spellings, marker: str) -> Any:
    if isinstance(value, str):
        return spelled.swapped(value, marker, lone=True)
    if isinstance(value, dict):
        return {name: _put(each, spelled, marker) for name, each in value.items()}
    if isinstance(value, list):
        return [_put(each, spelled, marker) for each in value]
    return value

"""What a document for the customer may be made of: these columns and no others.

Whatever is not named here is internal: how much influence a contact has and how often we mean to meet them,
margins, targets and forecasts, goals, plans and their open questions, competitors, gaps, positions,
negotiations, complaints, what a service was given in return for, what other classes are entitled to, surveys,
projects, nudges, notes and comments. A statement that touches anything else is refused before it reaches the
database.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnClause,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    TableClause,
    TextClause,
    event,
)
from sqlalchemy.sql import visitors
from sqlmodel import Session

from kamflow.errors import StoreError

FOR_CUSTOMERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        table: frozenset(columns.split())
        for table, columns in {
            "account": "id name parent_id language country zone",
            "annual_meeting": "id account_id year_first year_last kind",
            "meeting_round": "id meeting_id number day starts_at place state",
            "meeting_attendee": "id round_id person_id contact_id",
            "folder_page": "id meeting_id page words digest ticked_on ticked_by_id",
            "person": "id name position",
            "contact": "id first_name last_name",
            "place": "id contact_id account_id position from_day until_day",
            "contact_target": "id person_id place_id period_first period_last topic from_day until_day",
            "revenue_entry": "account_id day product_group kind amount",
            "service": "id name unit",
            "service_given": "id account_id service_id day quantity value hours co2_kg charge",
            "measure": "id account_id title side owner_id due_on done_on for_customer",
        }.items()
    }
)


class Internal(StoreError):
    """A document for the customer was about to read what is internal: a bug of kamflow, please report."""


@contextmanager
def for_customers(session: Session) -> Iterator[None]:
    """Refuse every statement of the session that reads more than a customer may see.

    Raises:
        Internal: names what was asked for.
    """
    connection = session.connection()
    event.listen(connection, "before_execute", _check)
    event.listen(connection, "before_cursor_execute", _check_raw)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", _check_raw)
        event.remove(connection, "before_execute", _check)


def _check(
    _connection: Connection, statement: ClauseElement, _many: Any, _params: Any, _options: Any
) -> None:
    wrong = sorted(outside(statement))
    if wrong:
        raise Internal(f"a document for the customer may not read {', '.join(wrong)}: this is a bug")


def _check_raw(
    _connection: Connection, _cursor: Any, _sql: str, _params: Any, context: Any, _many: bool
) -> None:
    """What was written as SQL never was a statement that could be looked at."""
    if context is None or context.compiled is None:
        raise Internal("a document for the customer may not read by raw SQL: this is a bug")


def outside(statement: ClauseElement) -> set[str]:
    """The tables and columns in a statement that are not for customers; `?` for what cannot be looked at."""
    if not isinstance(statement, Select):
        return {"? (no plain SELECT)"}
    found: set[str] = set()
    for each in visitors.iterate(statement):
        if isinstance(each, Table) and each.name not in FOR_CUSTOMERS:
            found.add(each.name)
        elif isinstance(each, TableClause) and not isinstance(each, Table):
            found.add(f"? ({each.name}, no table of ours)")
        elif isinstance(each, ColumnClause):
            found |= _columns(each)
        elif isinstance(each, TextClause):
            found.add("? (text)")
        elif isinstance(each, Select):
            found |= _whole(each)
    return found


def _columns(column: ColumnClause[Any]) -> set[str]:
    """The columns of tables behind a column, whatever its table is called here."""
    if column.is_literal:
        return {"? (text)"}
    found: set[str] = set()
    for each in column.base_columns:
        if isinstance(each, ColumnClause) and isinstance(each.table, Table):
            if each.name not in FOR_CUSTOMERS.get(each.table.name, ()):
                found.add(f"{each.table.name}.{each.name}")
        elif isinstance(each, ColumnClause):
            found.add(f"? ({each.name}, of no table of ours)")
    return found


def _whole(statement: Select[Any]) -> set[str]:
    """Tables of which a whole row is read."""
    # No public way tells a row from its columns: `select(Measure)` against `select(Measure.title)`.
    asked = statement._raw_columns  # pyright: ignore[reportPrivateUsage]
    return {
        "? (whole rows)"
        for each in asked
        if isinstance(each, FromClause) and not isinstance(each, ColumnElement)
    }

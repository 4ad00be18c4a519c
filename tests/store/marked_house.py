"""A house in which every internal column says so: one row in each table, for a folder to be made from."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Integer, Numeric, Table, insert
from sqlmodel import Session

from kamflow.models.columns import Instant, Money
from kamflow.models.tables import METADATA
from kamflow.store.customer_view import FOR_CUSTOMERS

WORD, NUMBER = "GEHEIM", 7654321
NOW = datetime(2026, 9, 1, tzinfo=UTC)
# Type of a column -> its value; what is none of these is a text.
PLAIN: tuple[tuple[type, Any], ...] = (
    (Boolean, True), (Money, Decimal(NUMBER)), (Instant, NOW), (Date, NOW.date()), (Integer, NUMBER),
    (Numeric, Decimal(7654)),
)  # fmt: skip
DAY, PAST = date(2026, 9, 22), date(2026, 8, 3)
# What a folder is made from, and what a check or the code wants to be one of its words.
SAID: Mapping[str, Mapping[str, Any]] = MappingProxyType({
    "account": {"name": "Muster AG", "parent_id": None, "language": "de", "country": "AT",
                "zone": "Europe/Vienna"},
    "annual_meeting": {"year_first": date(2026, 1, 1), "year_last": date(2026, 12, 31),
                       "kind": "negotiation"},
    "meeting_round": {"day": DAY, "place": "Werk 2", "state": "booked", "number": 1,
                      "starts_at": datetime(2026, 9, 22, 8, 30, tzinfo=UTC)},
    "person": {"name": "Jürgen Witt", "position": "Verkauf"},
    "contact": {"first_name": "Paul", "last_name": "Lange"},
    "place": {"position": "Einkäufer", "influence": 9, "from_day": None, "until_day": None},
    "contact_target": {"topic": "Preise", "period_first": date(2026, 1, 1), "period_last": date(2026, 12, 31),
                       "from_day": None, "until_day": None},
    "revenue_entry": {"day": PAST, "product_group": "Bleche", "kind": "actual", "amount": Decimal(1200)},
    "service": {"name": "Ersatzteil", "unit": "Stück"},
    "service_given": {"day": PAST, "quantity": 2, "value": Decimal(300), "hours": 4, "co2_kg": 5,
                      "charge": "waived"},
    "measure": {"title": "Workshop", "side": "joint", "due_on": DAY, "done_on": None, "for_customer": None},
    "folder_page": {"page": "title", "words": "Guten Tag", "digest": None, "ticked_on": None},
    "gap": {"need": "-", "competitor": "-"},
    "survey_answer": {"score": 3},
    "survey_unnamed": {"score": 3},
})  # fmt: skip


def build(session: Session) -> None:
    """One row with number 1 in every table; what customers may not see carries the mark."""
    for table in METADATA.sorted_tables:
        values = {each.name: _value(table, each) for each in table.columns}
        session.execute(insert(table), values | dict(SAID.get(table.name, {})))
    entry = METADATA.tables["revenue_entry"]
    measure = METADATA.tables["measure"]
    # What lies beside in the same tables: a goal, a forecast, a measure of ours, one kept internal.
    for number, kind in enumerate(("target", "forecast"), 2):
        said = {"id": number, "source_id": str(number), "kind": kind, "amount": Decimal(NUMBER)}
        session.execute(insert(entry), _row(entry, said))
    earlier = {"id": 4, "source_id": "4", "day": date(2024, 1, 15), "amount": Decimal(800)}
    session.execute(insert(entry), _row(entry, earlier))
    for number, side, shown in ((2, "ours", None), (3, "joint", False)):
        said = {"id": number, "title": f"{WORD}-{side}", "side": side, "for_customer": shown}
        session.execute(insert(measure), _row(measure, said))


def _row(table: Table, said: Mapping[str, Any]) -> dict[str, Any]:
    return {each.name: _value(table, each) for each in table.columns} | {**SAID[table.name], **said}


def _value(table: Table, column: Column[Any]) -> Any:
    kind = column.type
    if column.foreign_keys or (column.primary_key and isinstance(kind, Integer)):
        return 1
    if isinstance(kind, JSON):
        return {WORD: WORD}
    return next(
        (value for known, value in PLAIN if isinstance(kind, known)), f"{WORD}-{table.name}.{column.name}"
    )


def internal_columns() -> set[tuple[str, str]]:
    """(Table, column) of everything that customers may not see."""
    return {
        (table.name, each.name)
        for table in METADATA.sorted_tables
        for each in table.columns
        if each.name not in FOR_CUSTOMERS.get(table.name, ())
    }

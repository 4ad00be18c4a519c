"""What each tool asks of a row beyond its cells, and what follows from it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import col

from kamflow.acts import gap as gaps
from kamflow.intake.context import Context
from kamflow.intake.entities.tool_fields import ENTITLEMENTS
from kamflow.intake.periods import period
from kamflow.intake.record import Record
from kamflow.models.meeting import AnnualMeeting
from kamflow.models.plan import Measure
from kamflow.models.service import ServiceClass
from kamflow.models.training import Gap, Rating

Row = Mapping[str, Any]
_MONEY = ("amount", "value", "revenue")
_SPANS = {"complaints": ("opened_on", "closed_on")}
# What comes to its end with a row: by which column, what it is called, and which columns are told by that.
_CLOSES = {
    "measures": ("done_on", "done", {"done_on"}),
    "complaints": ("closed_on", "closed", {"closed_on", "resolution"}),
    "questions": ("answer", "answered", {"answer", "answered_on"}),
}
_MOVES = {"due_on", "moved_reason"}
_MEASURE = ("measure_owner", "measure_due")


def prepare(ctx: Context, record: Record) -> None:
    """Turn what a file says into what a table holds: money, the year of a meeting."""
    for name in _MONEY:
        given = record.get(name)
        if isinstance(given, tuple) and record.get("unit") and given[1] is None:
            record.values[name] = given[0]
        elif isinstance(given, tuple):
            ctx.money(record, name, record.get("day"))
    if "year" in record.values:
        _meeting(ctx, record)


def _meeting(ctx: Context, record: Record) -> None:
    said = record.values["year"]
    if said is None:
        record.values["meeting_id"] = None
        return
    span = period(said, *ctx.fiscal_years)
    if span is None:
        record.refuse("year", "a fiscal year such as 2026 or 2026/27")
        return
    account = record.get("account")
    query = select(col(AnnualMeeting.id)).where(
        col(AnnualMeeting.account_id) == account, col(AnnualMeeting.year_first) == span.first
    )
    record.values["meeting_id"] = ctx.session.execute(query).scalar()
    if record.values["meeting_id"] is None:
        record.refuse("year", "a year with an annual meeting of this account: import meetings first")


def complete(ctx: Context, record: Record, stored: Row) -> None:
    """Fill in what follows from what the row says: an answer carries its day, and takes it with it."""
    if record.entity == "questions" and "answer" in record.values:
        if not record.values["answer"]:
            record.values["answered_on"] = None
        elif not record.get("answered_on") and not stored.get("answered_on"):
            record.values["answered_on"] = ctx.today
    if record.entity == "gaps" and not stored and not record.get("rated_on"):
        record.values["rated_on"] = ctx.today


def not_taken(entity: str, values: Row, stored: Row) -> dict[str, str]:
    """What may not go into a row that is there as it is said, with what is expected instead."""
    found: dict[str, str] = {}
    moved = entity == "measures" and _moved(values, stored) and stored["due_on"] is not None
    if moved and not (values.get("moved_reason") or "").strip():
        found["due_on"] = "a reason beside it that is new: a measure is moved with a reason"
    if entity == "questions" and "answered_on" in values:
        answer = values.get("answer", stored.get("answer"))
        if answer and not values["answered_on"]:
            found["answered_on"] = "a day; without its answer the question is open again"
        elif values["answered_on"] and not answer:
            found["answered_on"] = "an answer with it"
    return found


def _moved(values: Row, stored: Row) -> bool:
    return "due_on" in values and values["due_on"] != stored["due_on"]


def check(ctx: Context, record: Record, row: Row, stored: Row) -> None:
    """Refuse what contradicts itself; `row` is what the table would hold."""
    first, last = _SPANS.get(record.entity, ("", ""))
    if first and row.get(last) and row[first] and row[last] < row[first]:
        record.refuse(last, f"a day not before {row[first]}", row[last])
    if stored and not record.problems:
        for name, expected in not_taken(record.entity, record.values, stored).items():
            record.refuse(name, expected)
    if record.entity == "gaps":
        _chance(record, row)
        _one_measure(ctx, record, stored)


def _chance(record: Record, row: Row) -> None:
    if row.get("chance") and not (row.get("need") == row.get("competitor") == Rating.BETTER):
        column = next((name for name in ("chance", "need", "competitor") if name in record.values), "chance")
        record.refuse(column, "a chance only where both ratings are +", row["chance"] and record.get(column))


def _one_measure(ctx: Context, record: Record, stored: Row) -> None:
    """A gap makes one measure; from then on the measure is changed, not the gap."""
    said = {name: record.values[name] for name in _MEASURE if record.get(name) is not None}
    if not said:
        return
    number = stored.get("measure_id")
    if number is not None:
        measure = ctx.session.get_one(Measure, number)
        now = {"measure_owner": measure.owner_id, "measure_due": measure.due_on}
        for name, value in said.items():
            if now[name] != value:
                record.refuse(name, f"no other value: measure {number} was made of it, change that", value)
    elif len(said) < len(_MEASURE):
        missing = next(name for name in _MEASURE if name not in said)
        record.refuse(missing, "an owner and a date, to make a measure of it", "")


def follow(ctx: Context, record: Record, row_id: int, row: Row) -> str:
    """Write what hangs on the row; tells whether anything changed."""
    if record.entity == "services":
        ctx.known.services.add(row_id, row["key"], [row["name"]])
        return _entitlements(ctx, record, row_id)
    due = record.get("measure_due")
    if record.entity == "gaps" and isinstance(due, date) and row.get("measure_id") is None:
        gap = ctx.session.get_one(Gap, row_id, populate_existing=True)
        made = gaps.agree(ctx.session, gap, record.values["measure_owner"], due, ctx.today)
        ctx.happened("measure.agreed", gap.account_id, measure=made, gap=row_id, due=due.isoformat())
        return "changed"
    return "unchanged"


def _entitlements(ctx: Context, record: Record, service: int) -> str:
    said = {ENTITLEMENTS[name]: record.values[name] for name in ENTITLEMENTS if name in record.values}
    query = select(col(ServiceClass.account_class), col(ServiceClass.entitlement)).where(
        col(ServiceClass.service_id) == service
    )
    stored: dict[str, str] = dict(ctx.session.execute(query).tuples().all())
    differing = {name: value for name, value in said.items() if stored.get(name) != value}
    for name, value in differing.items():
        place = (col(ServiceClass.service_id) == service, col(ServiceClass.account_class) == name)
        ctx.session.execute(delete(ServiceClass).where(*place))
        if value is not None:
            values = {"service_id": service, "account_class": name, "entitlement": value}
            ctx.session.execute(insert(ServiceClass).values(**values))
    return "changed" if differing else "unchanged"


def happened(record: Record, stored: Row, values: Row, state: str) -> list[tuple[str, dict[str, Any]]]:
    """What is told of a row that is new or changed, and its figures: as the acts of people tell it.

    `values` are those that the row was given.
    """
    is_measure = record.entity == "measures"
    differing = {name for name, value in values.items() if stored.get(name) != value}
    found: list[tuple[str, dict[str, Any]]] = []
    told: set[str] = set()
    column, end, columns = _CLOSES.get(record.entity, ("", "", set[str]()))
    if column and values.get(column) and not stored.get(column):
        found.append((end, {}))
        told |= columns
    if is_measure and stored and "due_on" in differing:
        dates = {"before": stored["due_on"], "to": values["due_on"]}
        found.append(("moved", {name: day.isoformat() if day else None for name, day in dates.items()}))
        told |= _MOVES
    if state == "new":
        return [("agreed" if is_measure else "added", {}), *found]
    return found if found and differing <= told else [("changed", {}), *found]

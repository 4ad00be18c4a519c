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
_CLOSES = {
    "measures": ("done_on", "done"),
    "complaints": ("closed_on", "closed"),
    "questions": ("answer", "answered"),
}
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
    """Fill in what follows from what the row says: an answer carries its day."""
    undated = not record.get("answered_on") and not stored.get("answered_on")
    if record.entity == "questions" and record.get("answer") and undated:
        record.values["answered_on"] = ctx.today
    if record.entity == "gaps" and not stored and not record.get("rated_on"):
        record.values["rated_on"] = ctx.today


def check(ctx: Context, record: Record, row: Row, stored: Row) -> None:
    """Refuse what contradicts itself; `row` is what the table would hold."""
    first, last = _SPANS.get(record.entity, ("", ""))
    if first and row.get(last) and row[first] and row[last] < row[first]:
        record.refuse(last, f"a day not before {row[first]}", row[last])
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


def closed(record: Record, stored: Row) -> list[str]:
    """What came to its end with this row: an event of its own."""
    name, said = _CLOSES.get(record.entity, ("", ""))
    return [said] if name and record.get(name) and not stored.get(name) else []

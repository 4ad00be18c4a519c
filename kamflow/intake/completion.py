"""Periods that a source says are complete with a file."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlmodel import col

from kamflow.intake.context import Context
from kamflow.intake.mapping import Block, Completes
from kamflow.intake.rows import Table
from kamflow.models.source import CompletePeriod


def note(ctx: Context, entity: str, block: Block, table: Table) -> None:
    """Note what the mapping says is complete with this file: a stated period, or the months in it."""
    if block.completes is None:
        return
    spans = [block.completes] if isinstance(block.completes, Completes) else _months(ctx, entity, table)
    for span in spans:
        values = {"source": ctx.source, "kind": entity, "first": span.first, "last": span.last}
        query = select(col(CompletePeriod.id)).filter_by(**values)
        if ctx.session.execute(query).first() is None:
            ctx.session.add(CompletePeriod(**values, complete_on=ctx.today))
            ctx.happened(f"{entity}.complete", first=span.first.isoformat(), last=span.last.isoformat())


def _months(ctx: Context, entity: str, table: Table) -> list[Completes]:
    """The months of the file that have passed."""
    firsts = {day.replace(day=1) for day in ctx.days.get((entity, table.file), set())}
    spans = [Completes(first=first, last=_month_end(first)) for first in sorted(firsts)]
    return [span for span in spans if span.last < ctx.today]


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def number(ctx: Context, entity: str, first: date, last: date) -> int | None:
    """The row that says that the source has completed a period."""
    query = select(col(CompletePeriod.id)).filter_by(source=ctx.source, kind=entity, first=first, last=last)
    return ctx.session.execute(query).scalar()

"""Revenue entries, projects and the rates between currencies."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import keyed
from kamflow.intake.known import folded
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted
from kamflow.models.account import ExternalReference
from kamflow.models.revenue import ExchangeRate, Project, RevenueEntry

_PROJECT = ("name", "state", "stage", "product_group", "value", "currency", "chance", "opened_on", "close_on",
            "lost_to")  # fmt: skip


def write_rates(ctx: Context, records: Sequence[Record]) -> None:
    """Write dated rates; revenue of the same import uses them already."""
    settled = ctx.settle(ctx.sort_out(records), lambda r: (r.values["currency"], r.values["from"]))
    for record in settled:
        values = record.values
        stored = ctx.session.get(ExchangeRate, (values["currency"], values["from"]))
        if stored is None:
            stored = ExchangeRate(currency=values["currency"], from_day=values["from"], rate=values["rate"])
            state = "new"
        else:
            state = "unchanged" if stored.rate == values["rate"] else "changed"
        stored.rate, stored.source = values["rate"], ctx.source
        ctx.session.add(stored)
        ctx.done(record, state)
        ctx.rates.setdefault(values["currency"], []).append((values["from"], values["rate"]))
    ctx.session.flush()


def write_revenue(ctx: Context, records: Sequence[Record]) -> None:
    """Write revenue entries; found again by their id in the source."""
    good = _with_ids(ctx.sort_out(records))
    for record in good:
        ctx.money(record, "amount", record.values["day"])
        if not record.problems:
            ctx.money(record, "margin", record.values["day"])
    settled = ctx.settle(ctx.sift(good), lambda r: r.values["id"])
    query = select(col(RevenueEntry.source_id), col(RevenueEntry.id)).where(
        col(RevenueEntry.source) == ctx.source
    )
    known: dict[str, Any] = dict(ctx.session.execute(query).tuples().all())
    wanted = [Wanted(_entry(ctx.source, r), known.get(r.values["id"])) for r in settled]
    upsert.write(ctx.session, RevenueEntry, wanted)
    touched: Counter[int] = Counter()
    for record, row in zip(settled, wanted, strict=True):
        if ctx.done(record, row.state) != "unchanged":
            touched[record.values["account"]] += 1
    for account, entries in touched.items():
        ctx.happened("revenue.imported", account, entries=entries)


def _entry(source: str, record: Record) -> dict[str, Any]:
    values = keyed.columns(record, ("product_group", "kind", "margin"), {})
    return values | {
        "source": source,
        "source_id": record.values["id"],
        "account_id": record.values["account"],
        "day": record.values["day"],
        "amount": record.values["amount"],
        "currency": record.values["currency"],
        "original_amount": record.values["original amount"],
    }


def _with_ids(records: Sequence[Record]) -> list[Record]:
    """Give each entry an id: its own, numbered where it repeats, or what it is about."""
    seen: Counter[str] = Counter()
    for record in records:
        values = record.values
        if not values.get("id"):
            about = (
                values["account"],
                values["day"],
                values.get("product_group") or "",
                values.get("kind") or "",
            )
            values["id"] = "about:" + "|".join(map(str, about))
        if record.block.repeats == "number":
            seen[values["id"]] += 1
            if seen[values["id"]] > 1:
                values["id"] = f"{values['id']}/{seen[values['id']]}"
    return list(records)


def write_projects(ctx: Context, records: Sequence[Record]) -> None:
    """Write projects; found again by their id in the source, else by account and name."""
    good = ctx.sort_out(records)
    for record in good:
        ctx.money(record, "value", record.get("close_on") or record.get("opened_on"))
        record.values["currency"] = ctx.company.currency  # a project keeps no second amount
    settled = ctx.settle(ctx.sift(good), _project)
    known, references = _known_projects(ctx)
    rivals = Counter(_named(record) for record in settled)
    wanted: list[tuple[Record, Wanted]] = []
    for record in settled:
        values = keyed.columns(record, _PROJECT, {}) | {"account_id": record.values["account"]}
        if "owner" in record.values:
            values["owner_id"] = record.values["owner"]
        alone = rivals[_named(record)] == 1
        wanted.append(
            (record, Wanted(values, _row(record, known.get(_named(record), []), references, alone)))
        )
    for record, _ in wanted:
        if record.problems:
            ctx.send_back(record)
    wanted = [(record, row) for record, row in wanted if not record.problems]
    upsert.write(ctx.session, Project, [row for _, row in wanted])
    pairs = {r.values["id"]: keyed.row_id(w) for r, w in wanted if r.get("id")}
    upsert.refer(ctx.session, ctx.source, "project", pairs, references)
    keyed.count(ctx, [r for r, _ in wanted], [w for _, w in wanted])


def _row(record: Record, called: list[int], references: dict[str, int], alone: bool) -> int | None:
    """The stored project: by its id, else by account and name where these name one only."""
    external = record.get("id")
    if external in references:
        return references[external]
    if external is not None:
        linked = set(references.values()) if called else set[int]()
        called = [row for row in called if row not in linked]
        return called[0] if len(called) == 1 and alone else None
    if len(called) > 1:
        record.refuse("name", f"an id; this account has {len(called)} projects of that name")
    return called[0] if called else None


def _project(record: Record) -> object:
    return record.get("id") or _named(record)


def _named(record: Record) -> tuple[int, str]:
    return record.values["account"], folded(record.values["name"])


def _known_projects(ctx: Context) -> tuple[dict[tuple[int, str], list[int]], dict[str, int]]:
    known: dict[tuple[int, str], list[int]] = {}
    query = select(col(Project.account_id), col(Project.name), col(Project.id))
    for account, name, row in ctx.session.execute(query):
        known.setdefault((account, folded(name)), []).append(row)
    references = select(col(ExternalReference.external_id), col(ExternalReference.row_id)).where(
        col(ExternalReference.source) == ctx.source, col(ExternalReference.kind) == "project"
    )
    return known, dict(ctx.session.execute(references).tuples().all())

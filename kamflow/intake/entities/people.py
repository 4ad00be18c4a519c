"""Our people, their roles and departments, and when they are away."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import col

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import kept_out, keyed
from kamflow.intake.known import folded
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted
from kamflow.models.person import Absence, Department, Person, PersonRole
from kamflow.store import link_versions

_PLAIN = (
    "key", "name", "email", "slack_id", "position", "level", "language", "zone", "country", "region",
    "weekdays",
    "channel", "digest", "left_on", "department_id",
)  # fmt: skip
_CIRCLE = ("superior", "deputy", "assistant")


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write people, their roles and whom they stand beside."""
    names = ctx.known.people
    good = kept_out.people(ctx, ctx.sort_out(records))
    found = keyed.match(good, names, lambda r: _alike(ctx, r))
    keyed.give_keys(ctx, good, names, found, lambda r: r.get("email") or r.values["name"])
    good, bad = keyed.circle(ctx.sift(good), names, _CIRCLE, _spellings)
    ctx.sift(bad)
    ids = {r.values.pop("id"): r.values["key"] for r in good if r.get("id")}
    settled = ctx.settle(good, lambda r: r.values["key"])
    _departments(ctx, settled)
    wanted = [
        Wanted(keyed.columns(r, _PLAIN, {}), names.by_key.get(r.values["key"]), _defaults(ctx))
        for r in settled
    ]
    upsert.write(ctx.session, Person, wanted)
    for record, row in zip(settled, wanted, strict=True):
        names.add(keyed.row_id(row), record.values["key"], [record.values["name"]], record.get("email"))
    moved = keyed.refer(ctx, "person", names, ids)
    beside = _beside(ctx, settled)
    for record, row in zip(settled, wanted, strict=True):
        states = (each.get(row.row_id, "unchanged") for each in (moved, beside, _roles(ctx, record, row)))
        ctx.done(record, row.state, *states)


def _alike(ctx: Context, record: Record) -> set[int]:
    names, address = ctx.known.people, record.get("email")
    same = names.by_email.get(address.casefold(), set()) if address else set()
    return same or keyed.called(names, record.values["name"])


def _spellings(record: Record) -> set[str]:
    return {each for each in (record.values["name"], record.get("email")) if each}


def _defaults(ctx: Context) -> dict[str, Any]:
    company = ctx.company
    return {
        "language": company.language, "zone": company.zone, "country": company.country,
        "region": company.region, "links_version": link_versions.new(ctx.now),
    }  # fmt: skip


def _departments(ctx: Context, settled: Sequence[Record]) -> None:
    """Make the departments that are new; sets `department_id`."""
    for record in settled:
        name = record.get("department")
        if not name:
            continue
        if folded(name) not in ctx.known.departments:
            key = (
                re.sub(r"[^\w]+", "-", folded(name)).strip("-") or f"department-{len(ctx.known.departments)}"
            )
            made = Wanted({"key": key[:200], "name": name})
            upsert.write(ctx.session, Department, [made])
            ctx.known.departments[folded(name)] = keyed.row_id(made)
        record.values["department_id"] = ctx.known.departments[folded(name)]


def _beside(ctx: Context, settled: Sequence[Record]) -> dict[int | None, str]:
    by_key, states = ctx.known.people.by_key, dict[int | None, str]()
    for field in _CIRCLE:
        wanted = [
            Wanted(
                {f"{field}_id": by_key[r.values[field]] if r.values[field] else None}, by_key[r.values["key"]]
            )
            for r in settled
            if field in r.values
        ]
        upsert.write(ctx.session, Person, wanted)
        states |= {each.row_id: "changed" for each in wanted if each.state == "changed"}
    return states


def _roles(ctx: Context, record: Record, row: Wanted) -> dict[int | None, str]:
    """Set the roles the row names; people are few, so one query each will do."""
    if "roles" not in record.values:
        return {}
    wanted = set(record.values["roles"] or ())
    query = select(col(PersonRole.role)).where(col(PersonRole.person_id) == row.row_id)
    known = set(ctx.session.execute(query).scalars())
    if wanted == known:
        return {}
    ctx.session.execute(delete(PersonRole).where(col(PersonRole.person_id) == row.row_id))
    rows = [{"person_id": row.row_id, "role": role} for role in sorted(wanted)]
    if rows:
        ctx.session.execute(insert(PersonRole), rows)
    return {row.row_id: "changed"}


def write_absences(ctx: Context, records: Sequence[Record]) -> None:
    """Write when people are away; found again by the first day."""
    good = keyed.in_order(ctx, ctx.sort_out(records))
    settled = ctx.settle(good, lambda r: (r.values["person"], r.values["from"]))
    query = select(col(Absence.person_id), col(Absence.from_day), col(Absence.id))
    known = {(person, first): row for person, first, row in ctx.session.execute(query)}
    wanted = [
        Wanted(
            {"person_id": r.values["person"], "from_day": r.values["from"], "until_day": r.values["until"]},
            known.get((r.values["person"], r.values["from"])),
        )
        for r in settled
    ]
    upsert.write(ctx.session, Absence, wanted)
    for record, row in zip(settled, wanted, strict=True):
        if ctx.done(record, row.state) != "unchanged":
            days = {"from": record.values["from"].isoformat(), "until": record.values["until"].isoformat()}
            ctx.happened("person.absent", person=record.values["person"], **days)

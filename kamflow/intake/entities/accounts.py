"""Accounts and what hangs directly on them: closing periods and teams."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import keyed
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted
from kamflow.models.account import Account, AccountClosing, Team

_COLUMNS = {"class": "account_class", "approver": "approver_id"}
_PLAIN = (
    "key", "name", "class", "industry", "website", "city", "country", "region", "language", "zone",
    "currency",
    "meeting_month", "approver", "closed_on",
)  # fmt: skip


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write accounts, their external ids and their parents."""
    names = ctx.known.accounts
    good = ctx.sort_out(records)
    found = keyed.match(good, names, lambda r: keyed.called(names, r.values["name"]))
    keyed.give_keys(ctx, good, names, found, lambda r: r.values["name"])
    good, bad = keyed.circle(ctx.sift(good), names, ("parent",), lambda r: {r.values["name"]})
    ctx.sift(bad)
    ids = {r.values.pop("id"): r.values["key"] for r in good if r.get("id")}
    settled = ctx.settle(good, lambda r: r.values["key"])
    months = _months(ctx)
    wanted = [_wanted(ctx, r, names.by_key.get(r.values["key"]), months) for r in settled]
    upsert.write(ctx.session, Account, wanted)
    for record, row in zip(settled, wanted, strict=True):
        names.add(keyed.row_id(row), record.values["key"], [record.values["name"]])
    moved = keyed.refer(ctx, "account", names, ids)
    parents = _parents(ctx, settled)
    for record, row in zip(settled, wanted, strict=True):
        ctx.done(record, row.state, parents.get(row.row_id, "unchanged"), moved.get(row.row_id, "unchanged"))


def _months(ctx: Context) -> dict[int, int | None]:
    query = select(col(Account.id), col(Account.meeting_month))
    return {number: month for number, month in ctx.session.execute(query) if number is not None}


def _wanted(ctx: Context, record: Record, row: int | None, months: dict[int, int | None]) -> Wanted:
    """The row as the file says it; a planned month that is new counts from today."""
    values, month = keyed.columns(record, _PLAIN, _COLUMNS), record.get("meeting_month")
    if month is not None and (row is None or months.get(row) != month):
        values["meeting_month_on"] = ctx.today
    return Wanted(values, row)


def _parents(ctx: Context, settled: Sequence[Record]) -> dict[int | None, str]:
    by_key = ctx.known.accounts.by_key
    wanted = [
        Wanted(
            {"parent_id": by_key[r.values["parent"]] if r.values["parent"] else None}, by_key[r.values["key"]]
        )
        for r in settled
        if "parent" in r.values
    ]
    upsert.write(ctx.session, Account, wanted)
    return {each.row_id: each.state for each in wanted}


def write_closings(ctx: Context, records: Sequence[Record]) -> None:
    """Write the days on which customers are closed; found again by their first day."""
    good = keyed.in_order(ctx, ctx.sort_out(records))
    settled = ctx.settle(good, lambda r: (r.values["account"], r.values["from"]))
    query = select(col(AccountClosing.account_id), col(AccountClosing.from_day), col(AccountClosing.id))
    known = {(account, first): row for account, first, row in ctx.session.execute(query)}
    wanted = [
        Wanted(
            {"account_id": r.values["account"], "from_day": r.values["from"], "until_day": r.values["until"]},
            known.get((r.values["account"], r.values["from"])),
        )
        for r in settled
    ]
    upsert.write(ctx.session, AccountClosing, wanted)
    keyed.count(ctx, settled, wanted)


def write_teams(ctx: Context, records: Sequence[Record]) -> None:
    """Write who is in which team; found again by person, account, role and first day."""
    good = keyed.in_order(ctx, ctx.sort_out(records))

    def identity(record: Record) -> tuple[Any, ...]:
        return tuple(record.get(name) for name in ("person", "account", "role", "from"))

    settled = ctx.settle(good, identity)
    query = select(
        col(Team.person_id), col(Team.account_id), col(Team.role), col(Team.from_day), col(Team.id)
    )
    known = {tuple(row)[:4]: row[4] for row in ctx.session.execute(query)}
    wanted = [
        Wanted(
            {"person_id": r.values["person"], "account_id": r.values["account"], "role": r.values["role"],
             "from_day": r.get("from")} | ({"until_day": r.values["until"]} if "until" in r.values else {}),
            known.get(identity(r)),
        )
        for r in settled
    ]  # fmt: skip
    upsert.write(ctx.session, Team, wanted)
    keyed.count(ctx, settled, wanted)

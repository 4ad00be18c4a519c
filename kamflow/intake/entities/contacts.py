"""Contacts with their place at an account, and how often we mean to meet them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import kept_out, keyed, objections
from kamflow.intake.known import folded, spellings
from kamflow.intake.periods import period
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted
from kamflow.models.contact import Contact, ContactTarget, Place
from kamflow.store import unreachable

_CONTACT = (
    "key", "first_name", "last_name", "salutation", "email", "phone", "language", "country", "region", "zone",
    "survey_consent", "consent_on", "consent_source", "consent_wording",
)  # fmt: skip
_PLACE = ("position", "department", "level", "buying_role", "influence", "from", "until")
_RENAMED = {"from": "from_day", "until": "until_day"}


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write contacts and places; one contact may have a row for each of its accounts."""
    names = ctx.known.contacts
    good = kept_out.contacts(ctx, keyed.in_order(ctx, ctx.sort_out(records)))
    found = keyed.match(good, names, lambda r: _alike(ctx, r))
    keyed.give_keys(ctx, good, names, found, lambda r: _spare_key(ctx, r))
    good, bad = keyed.circle(ctx.sift(good), names, ("reports_to",), _spellings)
    ctx.sift(bad)
    ids = {r.values.pop("id"): r.values["key"] for r in good if r.get("id")}
    settled = ctx.settle(good, lambda r: (r.values["key"], r.values["account"]))
    rows = _contacts(ctx, settled)
    settled = [each for each in settled if not each.problems]
    moved = keyed.refer(ctx, "contact", names, ids)
    places = _places(ctx, settled)
    for record, place in zip(settled, places, strict=True):
        row = rows[record.values["key"]]
        state = "changed" if row.state == "unchanged" and place.state == "new" else place.state
        ctx.done(record, row.state, state, moved.get(row.row_id, "unchanged"))


def _contacts(ctx: Context, settled: Sequence[Record]) -> dict[str, Wanted]:
    """Write the humans; a second row of one must say the same about it."""
    names = ctx.known.contacts
    rows: dict[str, Wanted] = {}
    for record in settled:
        values = keyed.columns(record, _CONTACT, {})
        key = record.values["key"]
        other = rows.setdefault(key, Wanted(values, names.by_key.get(key)))
        if other.values != values:
            differing = next(name for name in values if other.values.get(name) != values[name])
            record.refuse(differing, "the same in every row of this contact")
            ctx.send_back(record)
    told = {row.row_id: row.values["email"] for row in rows.values() if row.row_id and "email" in row.values}
    unreachable.revived(ctx.session, told)
    objections.keep(ctx.session, rows.values())
    upsert.write(ctx.session, Contact, list(rows.values()))
    for key, row in rows.items():
        called = spellings(row.values.get("first_name"), row.values["last_name"])
        names.add(keyed.row_id(row), key, called, row.values.get("email"))
    return rows


def _places(ctx: Context, settled: Sequence[Record]) -> list[Wanted]:
    by_key, known = ctx.known.contacts.by_key, ctx.known.places
    wanted: list[Wanted] = []
    for record in settled:
        contact, account = by_key[record.values["key"]], record.values["account"]
        values = {"contact_id": contact, "account_id": account} | keyed.columns(record, _PLACE, _RENAMED)
        if "reports_to" in record.values:
            above = record.values["reports_to"]
            values["reports_to_id"] = by_key[above] if above else None
        wanted.append(Wanted(values, known.get((contact, account))))
    upsert.write(ctx.session, Place, wanted)
    known.update({(w.values["contact_id"], w.values["account_id"]): keyed.row_id(w) for w in wanted})
    return wanted


def _alike(ctx: Context, record: Record) -> set[int]:
    """Contacts of the same account with the same address, else with the same name."""
    names = ctx.known.contacts
    there = {c for c in _named(ctx, record) if (c, record.values["account"]) in ctx.known.places}
    address = record.get("email")
    if address:
        same = names.by_email.get(address.casefold(), set())
        return {c for c in same if (c, record.values["account"]) in ctx.known.places} & there or there
    return there


def _named(ctx: Context, record: Record) -> set[int]:
    return keyed.called(ctx.known.contacts, _full_name(record))


def _full_name(record: Record) -> str:
    return f"{record.get('first_name') or ''} {record.values['last_name']}".strip()


def _spare_key(ctx: Context, record: Record) -> str:
    return f"{ctx.known.accounts.keys[record.values['account']]}/{folded(_full_name(record))}"


def _spellings(record: Record) -> set[str]:
    return spellings(record.get("first_name"), record.values["last_name"])


def write_targets(ctx: Context, records: Sequence[Record]) -> None:
    """Write how often a person means to see a contact in a period."""
    good = keyed.in_order(ctx, ctx.sort_out(records))
    for record in good:
        _locate(ctx, record)
    settled = ctx.settle(ctx.sift(good), _identity)
    query = select(
        col(ContactTarget.person_id), col(ContactTarget.place_id), col(ContactTarget.period_first),
        col(ContactTarget.period_last), col(ContactTarget.id),
    )  # fmt: skip
    known = {tuple(row)[:4]: row[4] for row in ctx.session.execute(query)}
    plain = ("soll", "topic", "from", "until")
    wanted = [
        Wanted(
            dict(zip(_TARGET, _identity(r), strict=True)) | keyed.columns(r, plain, _RENAMED),
            known.get(_identity(r)),
        )
        for r in settled
    ]
    upsert.write(ctx.session, ContactTarget, wanted)
    for record, row in zip(settled, wanted, strict=True):
        if ctx.done(record, row.state) != "unchanged":
            ctx.happened(
                "target.changed", record.values["account"], target=row.row_id, soll=record.values["soll"]
            )


_TARGET = ("person_id", "place_id", "period_first", "period_last")


def _identity(record: Record) -> tuple[Any, ...]:
    return tuple(record.values[name] for name in ("person", "place", "first", "last"))


def _locate(ctx: Context, record: Record) -> None:
    """Find the place and the period a target is about."""
    contact, account = record.values["contact"], record.get("account")
    accounts = [account] if account else ctx.known.accounts_of(contact)
    places = [ctx.known.places[contact, each] for each in accounts if (contact, each) in ctx.known.places]
    if len(places) != 1:
        record.refuse(
            "contact", "a contact with one place; name the account" if places else "a contact there"
        )
        return
    span = period(record.values["period"], *ctx.fiscal_years)
    if span is None:
        record.refuse("period", "a fiscal year such as 2026 or 2026/27, or a quarter such as 2026-Q3")
        return
    record.values |= {"account": accounts[0], "place": places[0], "first": span.first, "last": span.last}

"""Import a contact matrix: contacts, influence, topics and Soll. Ist is compared, never made up.

A cell that was changed here and in kamflow since the form was written comes back with both values.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from kamflow.errors import Refused
from kamflow.intake.context import Context
from kamflow.intake.entities import contacts
from kamflow.intake.forms import matrix as facts
from kamflow.intake.forms import matrix_sheet, matrix_targets
from kamflow.intake.forms.matrix_form import Form, by_name, merged
from kamflow.intake.forms.matrix_sheet import Column, Sheet
from kamflow.intake.forms.matrix_workbook import place
from kamflow.intake.known import Names, folded
from kamflow.intake.mapping import MatrixForm
from kamflow.intake.periods import period
from kamflow.intake.record import Record
from kamflow.intake.rows import text
from kamflow.models.account import Account
from kamflow.models.contact import Contact
from kamflow.periods import Period, fiscal_year

_YEAR = re.compile(r"\b20\d\d(?:/\d\d)?(?:-Q[1-4])?\b|\bQ[1-4] 20\d\d(?:/\d\d)?\b")


def read_in(ctx: Context, options: MatrixForm, files: Sequence[Path]) -> None:
    """Import contact matrices, one per file.

    Raises:
        Refused: no matrix in the file, or nobody can tell which account it is about.
    """
    for path in files:
        take_in(ctx, options, path, matrix_sheet.read(path))


def take_in(ctx: Context, options: MatrixForm, path: Path, sheet: Sheet) -> None:
    """Write what one matrix says; raises as `read_in` does."""
    account = _account(ctx, options, path, sheet)
    span = _period(ctx, options, path, sheet)
    stored = facts.load(ctx.session, account, span, ctx.today)
    form = Form(ctx, options, path, sheet, stored)
    for each in ctx.report.files:
        if each.name == path.name:
            each.rows += len(sheet.lines)
    heads = _contacts(form)
    matrix_targets.write(form, heads)


def _account(ctx: Context, options: MatrixForm, path: Path, sheet: Sheet) -> Account:
    names = ctx.known.accounts
    said = options.account or sheet.meta.get("account")
    found = names.find_or_none(said) if said else _named_in(names, sheet.title)
    if found is None:
        raise Refused(
            f"{path.name}: no account {said!r}" if said else
            f"{path.name}: the title names no account; state it in the mapping: [contact_matrix] account"
        )  # fmt: skip
    return ctx.session.get_one(Account, found)


def _named_in(names: Names, title: str) -> int | None:
    """The one account whose name stands in the title; of names within names the longest."""
    low = folded(title)
    called = sorted((name for name in names.by_name if name and name in low), key=len, reverse=True)
    rows = names.by_name[called[0]] if called else set()
    return next(iter(rows)) if len(rows) == 1 else None


def _period(ctx: Context, options: MatrixForm, path: Path, sheet: Sheet) -> Period:
    in_title = _YEAR.search(sheet.title)
    said = options.period or sheet.meta.get("period") or (in_title[0] if in_title else None)
    if said is None:
        return fiscal_year(ctx.today, *ctx.fiscal_years)
    span = period(said, *ctx.fiscal_years)
    if span is None:
        raise Refused(f"{path.name}: {said!r} is no period; state it in the mapping: [contact_matrix] period")
    return span


def _contacts(form: Form) -> dict[int, int]:
    """Write new contacts and changed heads; returns column -> contact."""
    records: list[Record] = []
    columns: dict[int, str] = {}
    for column in form.sheet.columns:
        record = _head(form, column)
        if record is not None:
            records.append(record)
            columns[column.at] = record.values["key"]
    contacts.write(form.ctx, records)
    by_key = form.ctx.known.contacts.by_key
    return {at: by_key[key] for at, key in columns.items() if key in by_key}


def _head(form: Form, column: Column) -> Record | None:
    found, problem = _contact(form, column)
    first, _, last = column.name.rpartition(" ")
    record = form.record("contacts", 0, ("", column.name), account=form.stored.account.id, last_name=last)
    record.values["first_name"] = first or None
    if problem:
        record.refuse(place(0, column.at), problem, column.name)
        form.ctx.report.reject(record)
        return None
    if found is None:
        key = f"{form.stored.account.key}/{folded(column.name)}"
        record.values |= {"key": key, "position": column.position or None}
        _influence(record, column, None)
        return record
    contact = form.ctx.session.get_one(Contact, found)
    record.values |= {"key": contact.key, "first_name": contact.first_name, "last_name": contact.last_name}
    head = next((each for each in form.stored.heads if each.contact == found), None)
    position = merged(
        form, record, ("", column.key, "position"), column.position, head.position if head else None
    )
    if position is not None:
        record.values["position"] = position
    _influence(record, column, form, head.influence if head else None)
    return record


def _influence(record: Record, column: Column, form: Form | None, stored: int | None = None) -> None:
    written = text(column.influence).strip()
    if form is not None:
        kept = merged(form, record, ("", column.key, "influence"), written, stored)
        written = "" if kept is None else kept
    if not written:
        return
    if written not in {str(number) for number in range(1, 11)}:
        record.refuse(f"{place(0, column.at)} (influence)", "an influence from 1 to 10", written)
    else:
        record.values["influence"] = int(written)


def _contact(form: Form, column: Column) -> tuple[int | None, str | None]:
    """The contact a column means, or why nobody can tell."""
    names = form.ctx.known.contacts
    if column.key:
        found = names.by_key.get(column.key)
        return found, None if found else f"a contact kamflow knows; {column.key!r} is gone"
    there = form.ctx.known.contacts_at(form.stored.account.id or 0)
    return by_name(names, column.name, there)

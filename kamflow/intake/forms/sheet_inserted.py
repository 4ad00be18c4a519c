"""Lines that somebody inserted into a form: they carry no key, so what they are about tells which row it is.

Who corrects such a line and reads the form in again does not mean a second row. Where the correction is in
what the line is about, nobody can tell it from a new one: then it comes back.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities.kept import KEPT
from kamflow.intake.forms.sheet import Line, Sheet
from kamflow.intake.forms.sheet_cells import canonical
from kamflow.intake.record import Record

_MARK = "line-"
_WRITTEN = {"meeting_id": "year"}  # how a sheet writes what a row is about


def name(sheet: Sheet, record: Record) -> str:
    """What an inserted line is called within its form."""
    return _MARK + hashlib.sha256(repr(_about(sheet, record.values)).encode()).hexdigest()


def refuse_corrected(
    ctx: Context, sheet: Sheet, prefix: str, stored: Mapping[str, Line], records: Sequence[Record]
) -> list[Record]:
    """Send back what may be an inserted line of before, said differently; returns the rest.

    `prefix` begins the external ids of this form's sheet; `records` are its inserted lines.
    """
    known = {
        external: stored[str(row)]
        for external, row in upsert.references(ctx.session, ctx.source, KEPT[sheet.entity].kind).items()
        if external.startswith(prefix + _MARK) and str(row) in stored
    }
    said = {record.values["id"] for record in records}
    missing = [line for external, line in known.items() if external not in said]
    good: list[Record] = []
    for record in records:
        other = next((each for each in missing if _near(sheet, each, record)), None)
        if record.values["id"] in known or other is None:
            good.append(record)
            continue
        was = canonical(other.values.get(_titled(sheet)))
        record.refuse(
            _titled(sheet),
            f"{was!r} as in this form before: correct it in kamflow, or export the form again for a new row",
        )
        ctx.report.reject(record)
    return good


def _titled(sheet: Sheet) -> str:
    """The field that names a row."""
    last = KEPT[sheet.entity].identity[-1]
    return _WRITTEN.get(last, last)


def _near(sheet: Sheet, line: Line, record: Record) -> bool:
    """Whether both are of one account, of one department; a catalogue is one whole."""
    first, *others = KEPT[sheet.entity].identity
    return not others or line.values.get(first) == record.get(first)


def _about(sheet: Sheet, values: Mapping[str, Any]) -> tuple[str, ...]:
    names = (_WRITTEN.get(each, each) for each in KEPT[sheet.entity].identity)
    return tuple(" ".join(canonical(values.get(each)).split()).casefold() for each in names)

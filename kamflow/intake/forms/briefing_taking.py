"""The form of a briefing on its way in: what its cells mean by the acts of the KAM, cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from kamflow.acts import briefing as acts
from kamflow.acts.acting import Acting
from kamflow.acts.briefing import POINTS
from kamflow.errors import InputError, NotFound, Refused
from kamflow.intake.context import Context
from kamflow.intake.forms import briefing_form, briefing_points
from kamflow.intake.forms.briefing_form import LINES, NOTES, RELEASE
from kamflow.intake.forms.briefing_lines import Shown
from kamflow.intake.forms.briefing_points import CUT_OFF, Cell
from kamflow.intake.forms.memory import is_cut, taken
from kamflow.intake.forms.sheet import Filled, Form, Returned, Sheet
from kamflow.intake.forms.sheet_cells import canonical
from kamflow.intake.forms.sheet_records import Reading
from kamflow.intake.record import Record
from kamflow.intake.rows import text
from kamflow.models.meeting import BriefingNote
from kamflow.store.rounds import Talk

_CROSSES = ("x", "ja", "yes")
_Rows: TypeAlias = Sequence[tuple[Record, Filled]]


@dataclass(slots=True)
class _Taking:
    """One form, and the briefing it is about as it is now."""

    ctx: Context
    path: Path
    form: Form
    desk: Acting
    account: int
    talk: Talk
    lines: dict[str, Shown]
    notes: list[BriefingNote]
    refused: bool = False

    def base(self, sheet: Sheet, row: Filled, name: str) -> str:
        return (self.form.base(sheet.code, row.key, name) or "").strip()

    def record(self, sheet: Sheet, found: Returned, row: Filled) -> Record:
        return Reading(self.ctx, self.path, self.form, sheet, found, {}).record(row)

    def count(self, record: Record, changed: int) -> None:
        """A row that came back in part is rejected, whatever else of it went in."""
        report = self.ctx.report
        if record.problems:
            self.refused = True
            report.reject(record)
        if changed or not record.problems:
            report.count(LINES.entity, "changed" if changed else "unchanged", self.path.name)


def read_in(ctx: Context, path: Path, form: Form) -> None:
    """Do what the form of a briefing says.

    Raises:
        Refused: it is about another meeting than the one that comes next.
        NotAllowed: the actor may not look through the account's briefing.
    """
    taking = _begin(ctx, path, form)
    for sheet, take in ((LINES, _take_lines), (NOTES, _take_points), (RELEASE, _take_releases)):
        for found in form.sheets:
            if found.code == sheet.code:
                take(taking, [(taking.record(sheet, found, row), row) for row in found.rows])


def _begin(ctx: Context, path: Path, form: Form) -> _Taking:
    account = ctx.known.accounts.by_key.get(form.meta.get("account", ""))
    if account is None:
        raise Refused(f"{path.name}: no account with the key {form.meta.get('account', '')!r}")
    desk = Acting(ctx.session, ctx.actor, ctx.now, ctx.company)
    acts.reviewing(desk, account)
    try:
        talk = acts.coming(desk, account)
    except NotFound as error:
        raise Refused(f"{path.name}: {error}") from None
    if str(talk.id) != form.meta.get("round"):
        raise Refused(
            f"{path.name}: this form is about another meeting; the next one is on {talk.round.day}:"
            " export its briefing (`kamflow export briefing`)"
        )
    lines = briefing_form.lines(desk, talk, form.language)
    return _Taking(ctx, path, form, desk, account, talk, lines, briefing_form.notes(desk, talk))


def _take_lines(taking: _Taking, rows: _Rows) -> None:
    for record, row in rows:
        taking.count(record, _take_line(taking, record, row))


def _take_line(taking: _Taking, record: Record, row: Filled) -> int:
    """Strike, restore or correct a line; how many cells went in."""
    stored = briefing_form.noted_on(taking.notes, row.key)
    changes: dict[str, str] = {}
    for name in ("strike", "correct"):
        try:
            written = _cross(row.cells[name]) if name == "strike" else text(row.cells[name]).strip()
            base, now = taking.base(LINES, row, name), canonical(stored[name])
            if written != base and is_cut(stored[name]):
                raise ValueError(CUT_OFF)
            if taken(base, written, now):
                changes[name] = written
        except ValueError as error:
            record.refuse(name, str(error))
    if changes and (why := _other(taking, row)):
        record.refuse(next(iter(changes)), why)
        return 0
    return sum(_done(taking, record, row.key, name, written) for name, written in changes.items())


def _other(taking: _Taking, row: Filled) -> str | None:
    """Why a line is not what it was when the form was written."""
    line, before = taking.lines.get(row.key), taking.base(LINES, row, "shown")
    if line is None:
        return f"a line that the briefing still has; {before or row.key!r} is no longer on it"
    now = canonical(briefing_form.told(line))
    return None if now == before else f"the line as it was: {before!r}; kamflow says {now!r} meanwhile"


def _done(taking: _Taking, record: Record, line: str, name: str, written: str) -> bool:
    desk, account = taking.desk, taking.account
    try:
        if name == "strike":
            (acts.strike if written else acts.restore)(desk, account, line)
        elif written:
            acts.correct(desk, account, line, written)
        else:
            own = [each for each in taking.notes if (each.kind, each.line) == ("correct", line)]
            acts.strike(desk, account, f"note.{own[-1].id}")
    except InputError as error:
        record.refuse(name, str(error))
        return False
    return True


def _take_points(taking: _Taking, rows: _Rows) -> None:
    """Add the points that are new, and take back those that stand in no cell any more."""
    cells = [_cell(taking, record, row) for record, row in rows]
    for kind in POINTS:
        there = [canonical(each.text) for each in taking.notes if each.kind == kind]
        briefing_points.compare([cell for cell in cells if cell.kind == kind], there)
    # First, for there is room for few.
    for note in [cell.note for cell in cells if cell.gone]:
        acts.strike(taking.desk, taking.account, f"note.{note.id if note else 0}")
    for cell in cells:
        added = cell.new and _added(taking, cell)
        taking.count(cell.record, added or cell.gone)


def _cell(taking: _Taking, record: Record, row: Filled) -> Cell:
    kind, written = row.key.partition("-")[0], text(row.cells["text"]).strip()
    if kind not in POINTS:
        if written:
            record.refuse("text", "a line that the form has for it, not one more")
        return Cell(record, kind, "", written, None)
    there = [each for each in taking.notes if each.kind == kind]
    return Cell(
        record, kind, taking.base(NOTES, row, "text"), written, briefing_points.stood_in(row, kind, there)
    )


def _added(taking: _Taking, cell: Cell) -> bool:
    try:
        acts.point(taking.desk, taking.account, cell.kind, cell.written)
    except InputError as error:
        cell.record.refuse("text", str(error))
        return False
    return True


def _take_releases(taking: _Taking, rows: _Rows) -> None:
    for record, row in rows:
        taking.count(record, _take_release(taking, record, row))


def _take_release(taking: _Taking, record: Record, row: Filled) -> int:
    """Release it where everything else of the form went in and the meeting stands where it stood."""
    released = briefing_form.released(taking.talk)
    try:
        wanted = bool(_cross(row.cells["release"]))
    except ValueError as error:
        record.refuse("release", str(error))
        return 0
    if wanted == released:
        return 0
    if not wanted:
        if taking.base(RELEASE, row, "release"):
            record.refuse("release", "x: what was released cannot be taken back; strike lines instead")
        return 0
    if why := _not_yet(taking):
        record.refuse("release", why)
        return 0
    acts.release(taking.desk, taking.account)
    return 1


def _not_yet(taking: _Taking) -> str | None:
    if str(taking.talk.round.revision) != taking.form.meta.get("revision"):
        return f"the date of the form: the meeting was moved to {taking.talk.round.day} meanwhile"
    return "a form without rows that came back: mend those first" if taking.refused else None


def _cross(cell: Any) -> str:
    written = text(cell).strip().casefold()
    if written in _CROSSES:
        return "x"
    if written:
        raise ValueError("x, or nothing")
    return ""

"""The form of a briefing on its way in: what its cells mean by the acts of the KAM, cell by cell."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kamflow.acts import briefing as acts
from kamflow.acts.acting import Acting
from kamflow.acts.briefing import POINTS
from kamflow.errors import InputError, NotFound, Refused
from kamflow.intake.context import Context
from kamflow.intake.forms import briefing_form
from kamflow.intake.forms.briefing_form import LINES, NOTES, RELEASE
from kamflow.intake.forms.briefing_lines import Shown
from kamflow.intake.forms.memory import is_cut, taken
from kamflow.intake.forms.sheet import Filled, Form, Returned, Sheet
from kamflow.intake.forms.sheet_cells import canonical
from kamflow.intake.forms.sheet_records import Reading
from kamflow.intake.record import Record
from kamflow.intake.rows import text
from kamflow.models.meeting import BriefingNote
from kamflow.store.rounds import Talk

_CROSSES = ("x", "ja", "yes")


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
    for sheet, take in ((LINES, _take_line), (NOTES, _take_point), (RELEASE, _take_release)):
        for found in form.sheets:
            if found.code == sheet.code:
                for row in found.rows:
                    record = taking.record(sheet, found, row)
                    taking.count(record, take(taking, record, row))


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


def _take_line(taking: _Taking, record: Record, row: Filled) -> int:
    """Strike, restore or correct a line; how many cells went in."""
    stored = briefing_form.noted_on(taking.notes, row.key)
    changes: dict[str, str] = {}
    for name in ("strike", "correct"):
        try:
            written = _cross(row.cells[name]) if name == "strike" else text(row.cells[name]).strip()
            base, now = taking.base(LINES, row, name), canonical(stored[name])
            if written != base and is_cut(stored[name]):
                raise ValueError("no change here: the text is longer than a cell, so change it in kamflow")
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


def _take_point(taking: _Taking, record: Record, row: Filled) -> int:
    """Put a point into its place, or take back the one that stood there."""
    kind = row.key.partition("-")[0]
    if kind not in POINTS:
        return 0
    there = [each for each in taking.notes if each.kind == kind]
    written, base = text(row.cells["text"]).strip(), taking.base(NOTES, row, "text")
    stood = next((each for each in there if str(each.id) == row.version), None)
    # Where there is room for one, it is the one there is.
    if POINTS[kind] == 1 and there:
        stood = there[-1]
    if written in ({canonical(each.text) for each in there} if written else {base if stood else ""}):
        return 0
    try:
        if not taken(base, written, canonical(stood.text) if stood else ""):
            return 0
        if stood is not None:
            acts.strike(taking.desk, taking.account, f"note.{stood.id}")
        if written:
            acts.point(taking.desk, taking.account, kind, written)
    except (InputError, ValueError) as error:
        record.refuse("text", str(error))
        return 0
    return 1


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

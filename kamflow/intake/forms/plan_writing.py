"""The sections of a plan that came back: each cell that was changed goes in, and the plan knows the day."""

from typing import Any

from kamflow.intake.forms.plan_reading import Line
from kamflow.intake.forms.plan_taking import Taking, drafted, section
from kamflow.store import plan_form
from kamflow.store.plan_form import BLANK

Changed = dict[tuple[int, str], Any]  # section and code -> the new text
TEXT, ASK = "text", "ask"
BODY = ""
# The section that a list belongs to: something stands in it once the list has a row of this plan.
LISTED = {"competitor": 6, "measure": 9, "goal": 10}


def write(taking: Taking) -> Changed:
    """Write what changed in the sections; returns it by section and code."""
    changed: Changed = {}
    clashed: set[int] = set()
    for line in taking.sheet.lines:
        kind, _, rest = line.code.partition(":")
        if kind in (TEXT, ASK):
            number, _, code = rest.partition(":")
            found = _line(taking, line, int(number), code, clashed)
            changed |= {(int(number), each): value for each, value in found.items()}
    for number in taking.sheet.numbers:
        texts = {code: value for (section_, code), value in changed.items() if section_ == number}
        if texts:
            _fill(taking, number, texts)
            if number not in clashed:
                taking.written[f"section:{number}"] = taking.sections[number].version
        else:
            taking.ctx.report.count("sections", "unchanged", taking.path.name)
    return changed


def stored(taking: Taking, number: int, code: str) -> str | None:
    """What stands under a code; of a question what it was answered with, here or elsewhere."""
    row = taking.sections.get(number, BLANK)
    if code == BODY:
        return row.body
    asked = taking.asked.get(f"{number}.{code}")
    return (asked.answer if asked else None) or (row.answers or {}).get(code)


def _line(taking: Taking, line: Line, number: int, code: str, clashed: set[int]) -> dict[str, Any]:
    """Code -> new text, of a line of a section."""
    record = taking.record("sections", line)
    cells = {name: cell for name, cell in line.cells.items() if name not in ("owner", "due")}
    codes = {name: code if name in ("value", "comment") else f"{code}.{name}" for name in cells}
    now = {name: stored(taking, number, codes[name]) for name in cells}
    kept = [(f"section:{number}", taking.sections.get(number, BLANK).version)]
    asked = taking.asked.get(f"{number}.{code}")
    kept += [(f"question:{asked.id}", asked.version)] if asked is not None else []
    found = taking.changes(record, Line(line.code, line.row, line.label, cells), now, *kept)
    closed = taking.closed()
    if found and closed:
        for name in found:
            taking.refuse(line, name, "sections", closed)
        found = {}
    if record.problems:
        clashed.add(number)
    taking.back(record)
    return {codes[name]: value for name, value in found.items()}


def _fill(taking: Taking, number: int, texts: dict[str, Any]) -> None:
    row = section(taking, number)
    new = row.filled_on is None
    if BODY in texts:
        row.body = texts[BODY]
    answers = dict(row.answers or {}) | {code: text for code, text in texts.items() if code != BODY}
    row.answers = {code: text for code, text in answers.items() if text}
    row.version += 1
    row.reviewed_on = taking.ctx.today
    _fill_day(taking, number)
    taking.session.flush()
    ctx = taking.ctx
    ctx.happened("plan.filled", taking.number, plan=row.plan_id, section=number, version=row.version)
    ctx.report.count("sections", "new" if new and row.filled_on else "changed", taking.path.name)


def _fill_day(taking: Taking, number: int) -> None:
    """A section is filled from the day on which something stands in it, in its text or in its list."""
    row = taking.sections[number]
    filled = bool(row.body or row.answers or _listed(taking, number))
    row.filled_on = (row.filled_on or taking.ctx.today) if filled else None


def _listed(taking: Taking, number: int) -> bool:
    kind = next((kind for kind, each in LISTED.items() if each == number), None)
    return kind is not None and plan_form.has_rows(taking.session, kind, drafted(taking))


def fill_lists(taking: Taking) -> None:
    """Note that sections are filled by what came into their lists."""
    for number in LISTED.values():
        if taking.plan is None or number not in taking.sheet.numbers:
            continue
        before = taking.sections.get(number, BLANK).filled_on
        if number not in taking.sections and not _listed(taking, number):
            continue
        row = section(taking, number)
        _fill_day(taking, number)
        if row.filled_on != before:
            row.version += 1
            row.reviewed_on = taking.ctx.today
            taking.session.flush()
            happened = {"plan": row.plan_id, "section": number, "version": row.version}
            taking.ctx.happened("plan.filled", taking.number, **happened)

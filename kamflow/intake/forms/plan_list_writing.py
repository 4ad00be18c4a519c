"""The lists of a plan that came back: measures, goals, competitors, further open questions.

A known row goes in cell by cell; a new one whole or not at all, and it is found again when the same file
comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import SQLModel, col

from kamflow.intake import upsert
from kamflow.intake.entities import tools
from kamflow.intake.entities.kept import KEPT
from kamflow.intake.forms.plan_lists import NEW
from kamflow.intake.forms.plan_reading import Line
from kamflow.intake.forms.plan_taking import Taking
from kamflow.intake.forms.plan_values import titled
from kamflow.intake.record import Problem, Record
from kamflow.models.plan import Goal, Measure, OpenQuestion
from kamflow.models.training import Competitor


@dataclass(frozen=True, slots=True)
class _List:
    """A list: its entity, its table, which cell must be filled, and cells named otherwise there."""

    entity: str
    model: type[SQLModel]
    required: str
    called: Mapping[str, str]

    def field(self, name: str) -> str:
        return self.called.get(name, name)

    def column(self, name: str) -> str:
        return KEPT[self.entity].columns[self.field(name)]


LISTS: Mapping[str, _List] = {
    "competitor": _List("competitors", Competitor, "name", {}),
    "measure": _List("measures", Measure, "title",
                     {"due": "due_on", "done": "done_on", "reason": "moved_reason"}),
    "goal": _List("goals", Goal, "figure", {"due": "due_on"}),
    "question": _List("questions", OpenQuestion, "question", {"due": "due_on", "whom": "ask_contact"}),
}  # fmt: skip


def write(taking: Taking) -> bool:
    """Write what changed in the lists; tells whether anything did."""
    changed = False
    for kind, what in LISTS.items():
        lines = [each for each in taking.sheet.lines if each.code.startswith(f"{kind}:")]
        rows = _rows(taking, what)
        known = upsert.references(taking.session, taking.ctx.source, KEPT[what.entity].kind)
        going: list[tuple[Line, Record]] = []
        for line in lines:
            record = _record(taking, kind, what, line, rows, known)
            going += [(line, record)] if record is not None else []
        tools.write(taking.ctx, what.entity, [record for _, record in going])
        good = [(line, record) for line, record in going if not record.problems]
        changed |= bool(good)
        _note(taking, kind, what, good)
    return changed


def _record(
    taking: Taking, kind: str, what: _List, line: Line, rows: Mapping[int, Any], known: Mapping[str, int]
) -> Record | None:
    """What goes in of a line, or nothing."""
    key = line.code.removeprefix(f"{kind}:")
    external = f"{taking.sheet.token}:{line.code}"
    number = known.get(external) if key.startswith(NEW) else int(key)
    if number is None:
        return _new(taking, what, line, external)
    row = rows.get(number)
    back = taking.record(what.entity, line)
    if row is None:
        if any(each.said != each.base for each in line.cells.values()):
            _say(taking, back, line, what.required, "a row that kamflow still has; this one is gone")
            taking.back(back)
        return None
    now = {name: getattr(row, what.column(name)) for name in line.cells}
    found = taking.changes(back, line, now, (f"{kind}:{number}", row.version))
    _check(taking, what, line, back, found, now)
    taking.back(back)
    if not found:
        if not back.problems:
            taking.ctx.report.count(what.entity, "unchanged", taking.path.name)
        return None
    values = {what.field(name): value for name, value in found.items()}
    if kind == "competitor":
        values["noted_on"] = taking.ctx.today
    if not back.problems:
        taking.written[f"{kind}:{number}"] = 0
    return taking.record(what.entity, line, **{tools.ROW: number, "account": taking.number} | values)


def _new(taking: Taking, what: _List, line: Line, external: str) -> Record | None:
    if not any(each.said for each in line.cells.values()):
        return None
    record = taking.record(what.entity, line, account=taking.number, id=external)
    found = taking.changes(record, line, {})
    if not found.get(what.required):
        _say(taking, record, line, what.required, f"a text: a new line needs it ({what.required})")
    _check(taking, what, line, record, found, {})
    if record.problems:
        taking.back(record)
        return None
    record.values |= {what.field(name): value for name, value in found.items() if value is not None}
    record.values |= {tools.FRESH: True}
    if "plan_id" in KEPT[what.entity].columns and taking.plan is not None:
        record.values["plan_id"] = taking.plan.id
    if what.entity == "competitors":
        record.values["noted_on"] = taking.ctx.today
    return record


def _check(
    taking: Taking,
    what: _List,
    line: Line,
    back: Record,
    found: dict[str, Any],
    now: dict[str, Any],
) -> None:
    """Take out what may not go in, with the reason."""
    if now and what.required in found and found[what.required] is None:
        del found[what.required]
        _say(taking, back, line, what.required, "a text: a line is not deleted by emptying it")
    if (found.get("done") or date.min) > taking.ctx.today:
        del found["done"]
        _say(taking, back, line, "done", f"a day up to {taking.ctx.today}: it is done or it is not")
    if (
        what.entity == "measures"
        and "due" in found
        and now.get("due") is not None
        and not found.get("reason")
    ):
        del found["due"]
        _say(taking, back, line, "due", "a reason beside it that is new: a measure is moved with a reason")


def _say(taking: Taking, record: Record, line: Line, name: str, expected: str) -> None:
    cell = line.cells[name]
    record.problems.append(Problem(titled(cell, taking.sheet.language), cell.said, expected))


def _rows(taking: Taking, what: _List) -> dict[int, Any]:
    model: Any = what.model
    query = select(model).where(col(model.account_id) == taking.number)
    rows = taking.session.execute(query.execution_options(populate_existing=True)).scalars()
    return {each.id: each for each in rows}


def _note(taking: Taking, kind: str, what: _List, good: list[tuple[Line, Record]]) -> None:
    """Remember which version each row has by this form."""
    known = upsert.references(taking.session, taking.ctx.source, KEPT[what.entity].kind)
    rows = _rows(taking, what) if good else {}
    for _, record in good:
        number = record.get(tools.ROW) or known.get(record.get("id") or "")
        if number in rows and (record.get("id") or f"{kind}:{number}" in taking.written):
            taking.written[f"{kind}:{number}"] = rows[number].version

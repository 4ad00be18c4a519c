"""Questions of a plan's form that nobody answered become open questions ["?"]; answered ones are closed.

Once: the open question carries the code of the question. Who finds out is whom the form names, else the
account's KAM; the day is the form's, else that of the milestone at which the section is written, else the
hand-in. A plan nobody wrote anything in asks nothing.
"""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kamflow.acts import rights
from kamflow.figures.plan_progress import STEP_SECTIONS
from kamflow.figures.plan_questions import BY_KEY, Question
from kamflow.intake.forms.plan_reading import Line
from kamflow.intake.forms.plan_taking import Taking, drafted
from kamflow.intake.forms.plan_writing import ASK, Changed, stored
from kamflow.models.plan import OpenQuestion, PlanMilestone
from kamflow.store import calendars

DAYS_TO_FIND_OUT = 20  # working days, where the plan knows no later day


def write(taking: Taking, changed: Changed, *, asks: bool) -> bool:
    """Open, close and change what stands for the form's questions; tells whether anything changed."""
    did = False
    for line in taking.sheet.lines:
        kind, _, code = line.code.partition(":")
        question = BY_KEY.get(code.replace(":", ".", 1))
        if kind == ASK and question is not None:
            if (question.section, question.code) in changed:
                _answer(taking, question, changed[question.section, question.code])
            did |= _ask(taking, line, question, asks=asks)
    return did


def said_on(taking: Taking) -> bool:
    """Whether the form says of any question who finds out, or when."""
    return any(
        cell.said != cell.base
        for line in taking.sheet.lines
        if line.code.startswith(f"{ASK}:")
        for name, cell in line.cells.items()
        if name in ("owner", "due")
    )


def _answer(taking: Taking, question: Question, answer: str | None) -> None:
    """An answer closes the open question, its removal opens it again."""
    row = taking.asked.get(question.key)
    if row is None or row.answer == answer:
        return
    again = row.answered_on is not None
    row.answer, row.version = answer, row.version + 1
    row.answered_on = (row.answered_on or taking.ctx.today) if answer else None
    if not answer:
        row.due_on = _day(taking, question)
    _keep(taking, row, "answered" if answer and not again else "changed", "changed")


def _ask(taking: Taking, line: Line, question: Question, *, asks: bool) -> bool:
    """Ask what has no answer, or take over who finds out and by when."""
    row = taking.asked.get(question.key)
    if stored(taking, question.section, question.code):
        return False
    record = taking.record("questions", line)
    cells = {name: cell for name, cell in line.cells.items() if name in ("owner", "due")}
    asked = Line(line.code, line.row, line.label, cells)
    if row is None:
        found = taking.changes(record, asked, {})
        taking.back(record)
        if asks and not record.problems:
            _open(taking, question, found)
        return asks and not record.problems
    now = {"owner": row.owner_id, "due": row.due_on}
    found = taking.changes(record, asked, now, (f"question:{row.id}", row.version))
    taking.back(record)
    # A cell that was emptied leaves what is known: somebody has to find it out.
    given = {name: value for name, value in found.items() if value is not None}
    if not given:
        taking.ctx.report.count("questions", "unchanged", taking.path.name)
        return False
    row.owner_id, row.due_on = given.get("owner", row.owner_id), given.get("due", row.due_on)
    row.version += 1
    _keep(taking, row, "changed", "changed", clean=not record.problems)
    return True


def _open(taking: Taking, question: Question, found: dict[str, Any]) -> None:
    plan, ctx = drafted(taking), taking.ctx
    kam = rights.kam_of(taking.session, taking.number, ctx.today)
    row = OpenQuestion(
        account_id=taking.number,
        plan_id=plan.id,
        section=question.section,
        code=question.key,
        question=question.sentence(taking.sheet.language),
        owner_id=found.get("owner") or kam or plan.author_id,
        due_on=found.get("due") or _day(taking, question),
    )
    taking.session.add(row)
    taking.asked[question.key] = row
    _keep(taking, row, "added", "new")


def _keep(taking: Taking, row: OpenQuestion, what: str, state: str, *, clean: bool = True) -> None:
    taking.session.flush()
    if clean:
        taking.written[f"question:{row.id}"] = row.version
    taking.ctx.happened(f"question.{what}", taking.number, question=row.id, owner=row.owner_id)
    taking.ctx.report.count("questions", state, taking.path.name)


def _day(taking: Taking, question: Question) -> date:
    """The milestone of the section, else the hand-in, as far as they are to come."""
    plan, today = drafted(taking), taking.ctx.today
    step = next(step for step, numbers in STEP_SECTIONS.items() if question.section in numbers)
    query = select(col(PlanMilestone.due_on)).where(
        col(PlanMilestone.plan_id) == plan.id, col(PlanMilestone.step) == step
    )
    for day in (taking.session.execute(query).scalar(), plan.hand_in_on):
        if day is not None and day >= today:
            return day
    return calendars.company_calendar(taking.ctx.company).add(today, DAYS_TO_FIND_OUT)

"""The lists of a plan that grow: competitors, measures, goals, further open questions.

Codes of lines: `<list>:<row id>`, and `<list>:new-<n>` for an empty one; filled in, it is found again.
"""

from typing import TypeVar

from kamflow.intake.forms.plan_page import Page
from kamflow.intake.forms.plan_paper import Cell, box
from kamflow.models.plan import Goal, Measure, OpenQuestion
from kamflow.models.training import Competitor
from kamflow.store.plan_form import PlanForm

NEW = "new-"
Row = TypeVar("Row")
ROOM = 30.0


def competitors(page: Page, form: PlanForm) -> None:
    page.heads((1, "rank"), (2, "competitor"), (2, "revenue there"), (4, "strengths"), (3, "weaknesses"))
    rows = [(str(each.id), each) for each in form.competitors]
    for code, each in [*rows, *_blank(max(2, 4 - len(rows)), Competitor(account_id=0, name=""))]:
        new, version = code.startswith(NEW), each.version
        page.paper.line(
            box(1, "rank", None if new else each.rank, version, "whole"),
            box(2, "name", each.name, version, "short"),
            box(2, "revenue", each.revenue, version, "money"),
            box(4, "strengths", each.strengths, version), box(3, "weaknesses", each.weaknesses, version),
            code=f"competitor:{code}", least=ROOM,
        )  # fmt: skip


def measures(page: Page, form: PlanForm) -> None:
    page.heads((4, "measure"), (2, "topic"), (1, "side"), (1, "owner"), (1, "due"), (1, "done"), (2, "moved"))
    rows = [(str(each.id), each) for each in form.measures]
    for code, each in [*rows, *_blank(max(5, 10 - len(rows)), Measure(account_id=0, title=""))]:
        new, version = code.startswith(NEW), each.version
        page.paper.line(
            box(4, "title", each.title, version, "short"), box(2, "topic", each.topic, version, "topic"),
            box(1, "side", "" if new else each.side, version, "side"),
            box(1, "owner", form.people.get(each.owner_id or 0, ""), version, "person"),
            box(1, "due", each.due_on, version, "day"), box(1, "done", each.done_on, version, "day"),
            Cell(2) if new else box(2, "reason", each.moved_reason, version, "short"),
            code=f"measure:{code}", least=ROOM,
        )  # fmt: skip


def goals(page: Page, form: PlanForm) -> None:
    page.paper.line(Cell(12, page.paper.word("goals"), "part"))
    page.heads((2, "figure"), (2, "amount"), (1, "unit"), (1, "due"), (6, "description"))
    rows = [(str(each.id), each) for each in form.goals]
    for code, each in [*rows, *_blank(max(3, 5 - len(rows)), Goal(account_id=0, figure=""))]:
        version = each.version
        page.paper.line(
            box(2, "figure", each.figure, version, "figure"), box(2, "amount", each.amount, version, "money"),
            box(1, "unit", each.unit, version, "short"), box(1, "due", each.due_on, version, "day"),
            box(6, "text", each.text, version),
            code=f"goal:{code}", least=ROOM,
        )  # fmt: skip


def questions(page: Page, form: PlanForm) -> None:
    page.paper.line(Cell(12, page.paper.word("open questions"), "part"))
    page.heads((4, "question"), (2, "whom"), (3, "answer"), (2, "finds_out"), (1, "until"))
    rows = [(str(each.id), each) for each in form.questions]
    for code, each in [*rows, *_blank(3, OpenQuestion(account_id=0, question=""))]:
        version = each.version
        page.paper.line(
            box(4, "question", each.question, version),
            box(2, "whom", form.contacts_by_id.get(each.ask_contact_id or 0, ""), version, "contact"),
            box(3, "answer", each.answer, version, "answer"),
            box(2, "owner", form.people.get(each.owner_id or 0, ""), version, "person"),
            box(1, "due", each.due_on, version, "day"),
            code=f"question:{code}", least=ROOM,
        )  # fmt: skip


def _blank(number: int, row: Row) -> list[tuple[str, Row]]:
    return [(f"{NEW}{at}", row) for at in range(1, number + 1)]

"""The sections of a plan that people write: summary, questions, cooperation, remarks.

Codes of lines: `text:<section>:<code>` one value, `ask:<section>:<code>` an answer with who finds out.
"""

from collections.abc import Iterable

from kamflow.figures import plan_questions as asked
from kamflow.figures.plan_questions import Question
from kamflow.intake.forms import plan_facts_blocks as facts
from kamflow.intake.forms.plan_page import Page
from kamflow.intake.forms.plan_paper import Cell, box
from kamflow.store.plan_form import PlanForm

ROOM = 43.0  # points: three lines to write in
FEW = 30.0


def summary(page: Page, form: PlanForm) -> None:
    section = form.section(1)
    for each in asked.SUMMARY_PROMPTS:
        page.paper.line(
            Cell(3, each.sentence(page.language), "label"),
            page.written(section, 9, form.answer(1, each.code)),
            code=f"text:1:{each.code}",
            least=ROOM if each.code in ("challenge", "goals") else FEW,
        )


def about(page: Page, form: PlanForm) -> None:
    _questions(page, form, asked.ABOUT_THE_ACCOUNT)


def strategy(page: Page, form: PlanForm) -> None:
    facts.contacts(page, form)
    _questions(page, form, asked.STRATEGY_NEXT_YEAR)


def projects_and_position(page: Page, form: PlanForm) -> None:
    facts.closed_projects(page, form)
    for part in ("business", "products"):
        told = f"{page.paper.word('own position')}: {page.paper.word(part)}"
        page.paper.line(Cell(12, told, "part"))
        _questions(page, form, [each for each in asked.OWN_POSITION if each.part == part])


def _questions(page: Page, form: PlanForm, questions: Iterable[Question]) -> None:
    page.heads((4, "question"), (5, "answer"), (2, "finds_out"), (1, "until"))
    for each in questions:
        stored, section = form.asked.get(each.key), form.section(each.section)
        still = stored if stored is not None and stored.answered_on is None else None
        owner = form.people.get(still.owner_id or 0, "") if still else ""
        version = still.version if still else 0
        page.paper.line(
            Cell(4, each.sentence(page.language), "label"),
            box(5, "value", form.answer(each.section, each.code), section.version, "answer"),
            box(2, "owner", owner, version, "person"),
            box(1, "due", still.due_on if still else None, version, "day"),
            code=f"ask:{each.section}:{each.code}",
            least=ROOM,
        )


def cooperation(page: Page, form: PlanForm) -> None:
    page.heads((2, "topic"), (4, "state of it"), (2, "strengths"), (2, "weaknesses"), (2, "consequences"))
    section = form.section(asked.COOPERATION)
    for each in asked.COOPERATION_TOPICS:
        cells = [
            page.written(section, 4 if name == "state" else 2, form.answer(7, f"{each.code}.{name}"), name)
            for name in asked.COOPERATION_FIELDS
        ]
        label = Cell(2, each.sentence(page.language), "label")
        page.paper.line(label, *cells, code=f"text:7:{each.code}", least=ROOM * 1.3)


def remarks(page: Page, form: PlanForm, number: int) -> None:
    """What else stands in the section; all of it where it was written outside the form."""
    section = form.section(number)
    page.paper.line(
        Cell(3, page.paper.word("text"), "label"),
        page.written(section, 9, section.body or ""),
        code=f"text:{number}:",
        least=FEW,
    )

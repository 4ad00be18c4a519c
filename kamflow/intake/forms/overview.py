"""The first page of a KAM's workbook: each account with how far its plan is, and the way to its sheets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kamflow.intake.forms.memory import shown
from kamflow.intake.forms.plan_paper import BLUE, EDGE, GREY
from kamflow.intake.forms.plan_words import CLASSES, STATES, WORDS
from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.sheet_workbook import Workbook
from kamflow.periods import label
from kamflow.store.plan_form import PlanForm

_NAME = Title("Übersicht", "Overview")
_HEADS = (
    (Title("Kunde", "Account"), 38), (WORDS["class"], 16), (WORDS["title"], 12), (WORDS["state"], 18),
    (WORDS["hand_in"], 14), (Title("Abschnitte ausgefüllt", "Sections filled"), 13),
    (Title("Maßnahmen offen", "Measures open"), 12), (Title("Fragen offen", "Questions open"), 12),
    (Title("Kontaktmatrix", "Contact matrix"), 16),
)  # fmt: skip
_FIRST = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One account: its plan, and what its two sheets are called."""

    form: PlanForm
    plan: str
    matrix: str


def name(language: str) -> str:
    return _NAME[language]


def draw(workbook: Workbook, lines: Sequence[Line], fiscal_years: tuple[int, Any]) -> None:
    """Add the page; nothing on it is read back."""
    language, sheet = workbook.language, workbook.book.add_worksheet(name(workbook.language))
    day = f"{workbook.today:%d.%m.%Y}" if language == "de" else workbook.today.isoformat()
    title = workbook.form(bold=True, font_size=16, font_color=BLUE)
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, f"{_NAME[language]} · {WORDS['as of'][language]} {day}", title)
    dark = workbook.form(bold=True, bg_color=BLUE, font_color="white", text_wrap=True)
    sheet.set_row(_FIRST - 1, 30)
    for column, (head, width) in enumerate(_HEADS):
        sheet.set_column(column, column, width)
        sheet.write_string(_FIRST - 1, column, head[language], dark)
    edge = {"bg_color": GREY, "border": 1, "border_color": EDGE, "text_wrap": True}
    cell, link = workbook.form(**edge), workbook.form(**edge, font_color=BLUE, underline=1)
    for row, line in enumerate(lines, _FIRST):
        for column, said in enumerate(_cells(line, language, fiscal_years), 1):
            sheet.write_string(row, column, said, cell)
        _link(sheet, (row, 0), line.plan, shown(line.form.account.name), link)
        _link(sheet, (row, len(_HEADS) - 1), line.matrix, _HEADS[-1][0][language], link)
    sheet.hide_gridlines(2)
    sheet.freeze_panes(_FIRST, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _cells(line: Line, language: str, fiscal_years: tuple[int, Any]) -> list[str]:
    form, plan, unknown = line.form, line.form.plan, WORDS["no data"][language]
    known = CLASSES.get(form.account.account_class or "")
    hand_in = plan.hand_in_on if plan else None
    day = unknown if hand_in is None else f"{hand_in:%d.%m.%Y}" if language == "de" else hand_in.isoformat()
    filled = sum(form.section(number).filled_on is not None for number in form.numbers)
    questions = [each for each in (*form.questions, *form.asked.values()) if each.answered_on is None]
    return [
        known[language] if known else form.account.account_class or unknown,
        label(form.year, *fiscal_years),
        STATES[plan.state if plan else "none"][language],
        day,
        f"{filled} / {len(form.numbers)}",
        str(sum(each.done_on is None for each in form.measures)),
        str(len(questions)),
    ]


def _link(sheet: Any, place: tuple[int, int], to: str, said: str, form: Any) -> None:
    quoted = to.replace("'", "''")
    sheet.write_url(*place, f"internal:'{quoted}'!B1", form, said)

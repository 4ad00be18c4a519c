"""Draw a contact matrix in Excel: to read, to print, and to hand back in."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from kamflow.intake.forms.matrix import MARK, Head, Matrix, Side
from kamflow.intake.forms.memory import remember, shown
from kamflow.intake.forms.sheet_workbook import OPTIONS
from kamflow.periods import Changes, label

# Columns: function, name, which line it is, key (hidden); then one per contact.
FUNCTION, NAME, LINE, KEY, FIRST = range(5)
TITLE, KEYS, POSITION, CONTACT, INFLUENCE, BODY = range(6)

_WORDS = {
    "de": {
        "title": "Kontaktplan-Matrix", "as of": "Stand", "function": "Funktion", "name": "Name",
        "position": "Position", "influence": "Einfluss", "topics": "Themen", "ratio": "Ist/Soll",
        "behind": "hinter Plan", "met": "erreicht", "sheet": "Kontaktmatrix", "date": "dd.mm.yyyy",
        "hint": "Themen und Soll hier ändern; Ist kommt aus den erfassten Kontakten. 0/0: kein Ziel mehr.",
    },
    "en": {
        "title": "Contact matrix", "as of": "as of", "function": "Function", "name": "Name",
        "position": "Position", "influence": "Influence", "topics": "Topics", "ratio": "Actual/target",
        "behind": "behind plan", "met": "reached", "sheet": "Contact matrix", "date": "yyyy-mm-dd",
        "hint": "Change topics and targets; actual figures come from contacts. 0/0: no target any more.",
    },
}  # fmt: skip
_BLUE, _LINE_COLOUR, _RED, _GREEN, _GREY = "#1F3A5F", "#B8C2CC", "#F9D6D5", "#DDEFE0", "#F2F4F7"


@dataclass(slots=True)
class _Drawing:
    matrix: Matrix
    today: date
    words: dict[str, str]
    book: Any
    sheet: Any
    span: str
    mark: str = MARK

    def form(self, **options: Any) -> Any:
        plain = {"font_name": "Calibri", "font_size": 10, "valign": "top", "num_format": "@"}
        return self.book.add_format(plain | options)


def write(
    matrix: Matrix, path: Path, today: date, language: str = "de", start_month: int = 1, changes: Changes = ()
) -> None:
    """Write the workbook, with the keys and the values it was written with in hidden places."""
    span = label(matrix.period, start_month, changes)
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        words = _WORDS.get(language, _WORDS["de"])
        drawing = _Drawing(matrix, today, words, book, book.add_worksheet(words["sheet"]), span)
        _sheet(drawing)
        remember(book, _remembered(matrix))


def draw(
    book: Any, sheet: Any, mark: str, matrix: Matrix, today: date, language: str, span: str
) -> list[tuple[str, str, str, str]]:
    """Draw on a sheet of a workbook with several; returns what is to be remembered, each with the mark."""
    drawing = _Drawing(matrix, today, _WORDS.get(language, _WORDS["de"]), book, sheet, span, mark)
    _sheet(drawing)
    return [(f"{mark} {kind}", one, two, value) for kind, one, two, value in _remembered(matrix)]


def _sheet(drawing: _Drawing) -> None:
    _page(drawing)
    _heads(drawing)
    for at, side in enumerate(drawing.matrix.sides):
        _side(drawing, BODY + 2 * at, side)
    _legend(drawing, BODY + 2 * len(drawing.matrix.sides) + 1)


def _page(drawing: _Drawing) -> None:
    sheet, matrix, words = drawing.sheet, drawing.matrix, drawing.words
    sheet.set_column(FUNCTION, FUNCTION, 20)
    sheet.set_column(NAME, NAME, 22)
    sheet.set_column(LINE, LINE, 10)
    sheet.set_column(KEY, KEY, 2, None, {"hidden": True})
    sheet.set_column(FIRST, FIRST + max(len(matrix.heads) - 1, 0), 26)
    sheet.freeze_panes(BODY, FIRST)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(TITLE, INFLUENCE)
    sheet.set_margins(0.4, 0.4, 0.5, 0.5)
    day = f"{drawing.today:%d.%m.%Y}" if words is _WORDS["de"] else drawing.today.isoformat()
    title = f"{words['title']} · {shown(matrix.account.name)} · {drawing.span} · {words['as of']} {day}"
    sheet.set_row(TITLE, 28)
    sheet.write_string(
        TITLE, 0, title, drawing.form(bold=True, font_size=15, font_color=_BLUE, valign="vcenter")
    )


def _heads(drawing: _Drawing) -> None:
    sheet, words = drawing.sheet, drawing.words
    dark = {
        "bg_color": _BLUE,
        "font_color": "white",
        "border": 1,
        "border_color": _LINE_COLOUR,
        "text_wrap": True,
    }
    head = drawing.form(**dark, bold=True)
    light = drawing.form(**dark, italic=True)
    number = drawing.form(**dark, align="center")
    sheet.set_row(KEYS, 12, None, {"hidden": True})
    sheet.write_string(KEYS, KEY, drawing.mark)
    for row, word, form in (
        (POSITION, "position", light),
        (CONTACT, "name", head),
        (INFLUENCE, "influence", number),
    ):
        for column in (FUNCTION, NAME, KEY):
            sheet.write_blank(row, column, None, head)
        sheet.write_string(row, LINE, words[word], form)
    sheet.write_string(INFLUENCE, FUNCTION, words["function"], head)
    sheet.write_string(INFLUENCE, NAME, words["name"], head)
    for at, each in enumerate(drawing.matrix.heads, FIRST):
        sheet.write_string(KEYS, at, shown(each.key))
        sheet.write_string(POSITION, at, shown(each.position), light)
        sheet.write_string(CONTACT, at, shown(each.name), head)
        sheet.write_string(INFLUENCE, at, "" if each.influence is None else str(each.influence), number)


def _side(drawing: _Drawing, row: int, side: Side) -> None:
    sheet = drawing.sheet
    edge = {"border_color": _LINE_COLOUR, "left": 1, "right": 1}
    upper, lower = edge | {"top": 1}, edge | {"bottom": 1}
    sheet.write_string(
        row, FUNCTION, shown(side.function), drawing.form(**upper, text_wrap=True, bg_color=_GREY)
    )
    sheet.write_string(
        row, NAME, shown(side.name), drawing.form(**upper, bold=True, text_wrap=True, bg_color=_GREY)
    )
    for column in (FUNCTION, NAME):
        sheet.write_blank(row + 1, column, None, drawing.form(**lower, bg_color=_GREY))
    quiet = {"font_color": "#667788", "font_size": 9}
    sheet.write_string(row, LINE, drawing.words["topics"], drawing.form(**upper, **quiet))
    sheet.write_string(row + 1, LINE, drawing.words["ratio"], drawing.form(**lower, **quiet))
    for line in (row, row + 1):
        sheet.write_string(line, KEY, shown(side.key))
    for at, head in enumerate(drawing.matrix.heads, FIRST):
        topic, ratio, colour = _cell(drawing, side, head)
        fill = {"bg_color": colour} if colour else {}
        sheet.write_string(row, at, topic, drawing.form(**upper, **fill, text_wrap=True))
        sheet.write_string(row + 1, at, ratio, drawing.form(**lower, **fill, bold=True, align="center"))


def _cell(drawing: _Drawing, side: Side, head: Head) -> tuple[str, str, str | None]:
    target = drawing.matrix.targets.get((side.person, head.contact))
    if target is None:
        return "", "", None
    ist = drawing.matrix.ist.get((side.person, head.contact), 0)
    marked = drawing.matrix.lagging is None or side.person in drawing.matrix.lagging
    colour = _colour(drawing, ist, target.soll) if marked else None
    return shown(target.topic), f"{ist}/{target.soll}", colour


def _colour(drawing: _Drawing, ist: int, soll: int) -> str | None:
    """Red where a whole contact is missing for the time gone by, green where all are made."""
    period = drawing.matrix.period
    gone = min(max((drawing.today - period.first).days + 1, 0), period.days)
    if soll and ist >= soll:
        return _GREEN
    return _RED if soll * gone / period.days - ist >= 1 else None


def _legend(drawing: _Drawing, row: int) -> None:
    sheet, words = drawing.sheet, drawing.words
    small = {"font_size": 9, "border": 1, "border_color": _LINE_COLOUR}
    sheet.write_string(row, NAME, words["behind"], drawing.form(**small, bg_color=_RED))
    sheet.write_string(row + 1, NAME, words["met"], drawing.form(**small, bg_color=_GREEN))
    sheet.write_string(row + 2, NAME, words["hint"], drawing.form(font_size=9, italic=True))


def _remembered(matrix: Matrix) -> list[tuple[str, str, str, str]]:
    """What the form was written with, so that a later change on either side is seen."""
    lines = [
        ("meta", "account", "", matrix.account.key),
        ("meta", "period", "", str(matrix.period)),
        *(("head", "", each.key, f"position={each.position or ''}") for each in matrix.heads),
        *(("head", "", each.key, f"influence={each.influence or ''}") for each in matrix.heads),
    ]
    keys = {each.contact: each.key for each in matrix.heads}
    people = {each.person: each.key for each in matrix.sides}
    for (person, contact), target in matrix.targets.items():
        lines.append(("cell", people[person], keys[contact], f"soll={target.soll}"))
        lines.append(("cell", people[person], keys[contact], f"topic={target.topic or ''}"))
    return lines


def place(row: int, column: int) -> str:
    """A cell's name in Excel, from zero-based numbers."""
    return xl_rowcol_to_cell(row, column)

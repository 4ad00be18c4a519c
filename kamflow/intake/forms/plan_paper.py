"""The paper a plan is drawn on: twelve columns, lines of merged cells, a hidden column of codes.

A line with cells to fill in has a code in column A; what each such cell held is remembered beside it, so
that lines may move and a later change on either side is seen.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from kamflow.intake.forms.memory import fitting, shown
from kamflow.intake.forms.plan_words import CHOICES, WORDS
from kamflow.intake.forms.sheet_cells import DIGITS

COLUMNS, WIDTH = 12, 12.5
PER_LINE = 1.08  # characters of size 10 in the width of one of the sheet's own
LINE, PADDING, TALLEST = 13.2, 4, 405
BLUE, PALE, GREY, YELLOW, EDGE = "#1F3A5F", "#DCE6F1", "#F2F4F7", "#FFFBE6", "#B8C2CC"
_EDGED = {"border": 1, "border_color": EDGE}
STYLES: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": BLUE, "valign": "vcenter"},
    "hint": {"italic": True, "font_size": 9, "font_color": "#445566", "text_wrap": True},
    "band": {"bold": True, "font_size": 12, "font_color": "white", "bg_color": BLUE, "valign": "vcenter"},
    "band right": {"font_size": 9, "font_color": "white", "bg_color": BLUE, "align": "right",
                   "valign": "vcenter"},
    "part": {"bold": True, "font_color": BLUE, "bg_color": PALE, **_EDGED},
    "head": {"bold": True, "bg_color": PALE, "text_wrap": True, **_EDGED},
    "label": {"bg_color": GREY, "text_wrap": True, **_EDGED},
    "strong": {"bg_color": GREY, "bold": True, "text_wrap": True, **_EDGED},
    "number": {"bg_color": GREY, "align": "right", "num_format": "#,##0", "shrink": True, **_EDGED},
    "strong number": {"bg_color": GREY, "align": "right", "num_format": "#,##0", "bold": True, **_EDGED},
    "percent": {"bg_color": GREY, "align": "right", "num_format": '+0.0" %";-0.0" %";0.0" %"', **_EDGED},
    "note": {"italic": True, "font_size": 9, "font_color": "#667788", "text_wrap": True},
    "input": {"bg_color": YELLOW, "text_wrap": True, "locked": False, "num_format": "@", **_EDGED},
    "input day": {"bg_color": YELLOW, "locked": False, "align": "left", **_EDGED},
    "input money": {"bg_color": YELLOW, "locked": False, "align": "right", "num_format": "#,##0.00",
                    "shrink": True, **_EDGED},
}  # fmt: skip


# Kind -> where in the workbook the values stand that Excel offers for it.
Offers = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell over some columns. With a `name` it is filled in and read back; `version` is its row's."""

    span: int
    value: Any = ""
    style: str = "label"
    name: str = ""
    kind: str = "text"
    version: int = 0


def box(span: int, name: str, value: Any, version: int = 0, kind: str = "text") -> Cell:
    """A cell to fill in. Kinds: text, short, answer, day, money, whole, person, contact, and of CHOICES."""
    style = {"day": "input day", "money": "input money"}.get(kind, "input")
    return Cell(span, value, style, name, kind, version)


@dataclass(slots=True)
class Paper:
    """A sheet being drawn from top to bottom; `memory` is (code, field|column|kind|version, base)."""

    book: Any
    sheet: Any
    language: str
    offers: Offers = field(default=lambda _kind: None)
    row: int = 0
    memory: list[tuple[str, str, str]] = field(default_factory=list)
    forms: dict[str, Any] = field(default_factory=dict)

    def word(self, name: str) -> str:
        return WORDS[name][self.language]

    def line(self, *cells: Cell, code: str = "", least: float = 0) -> None:
        """Draw one line; `least` is its height in points where its text needs less."""
        column = 1
        if code:
            self.sheet.write_string(self.row, 0, shown(code))
        for each in cells:
            self._cell(column, each, code)
            column += each.span
        self.sheet.set_row(self.row, max(least, *(height(each) for each in cells)))
        self.row += 1

    def skip(self) -> None:
        self.sheet.set_row(self.row, 7)
        self.row += 1

    def style(self, name: str) -> Any:
        if name not in self.forms:
            plain = {"font_name": "Calibri", "font_size": 10, "valign": "top"} | dict(STYLES[name])
            if name == "input day":
                plain["num_format"] = "dd.mm.yyyy" if self.language == "de" else "yyyy-mm-dd"
            self.forms[name] = self.book.add_format(plain)
        return self.forms[name]

    def _cell(self, column: int, cell: Cell, code: str) -> None:
        value = _fitted(cell, self.language)
        if cell.name and isinstance(cell.value, str) and fitting(shown(cell.value)) != shown(cell.value):
            cell = Cell(cell.span, cell.value)  # what is cut may not come back as a change
        form = self.style(cell.style)
        if cell.span > 1:
            self.sheet.merge_range(self.row, column, self.row, column + cell.span - 1, "", form)
        if isinstance(value, date):
            self.sheet.write_datetime(self.row, column, value, form)
        elif isinstance(value, Decimal | int):
            self.sheet.write_number(self.row, column, value, form)
        elif value:
            self.sheet.write_string(self.row, column, value, form)
        else:
            self.sheet.write_blank(self.row, column, None, form)
        if cell.name:
            self._remember(column, cell, code)
        if cell.name:
            self._offer(column, cell.kind)

    def _offer(self, column: int, kind: str) -> None:
        """Let Excel offer what a cell may say. Only of sides nothing else is allowed."""
        choices = CHOICES.get(kind)
        source = [each[self.language] for each in choices.values()] if choices else self.offers(kind)
        if source:
            rule = {"validate": "list", "source": source, "show_error": kind == "side"}
            self.sheet.data_validation(self.row, column, self.row, column, rule)

    def _remember(self, column: int, cell: Cell, code: str) -> None:
        where = f"{cell.name}|{column}|{cell.kind}|{cell.version}"
        self.memory.append((code, where, spelled(cell.value)))


def spelled(value: Any) -> str:
    """A value as it is remembered and compared: ISO days, amounts with two decimals, clean text."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return shown(str(value)).strip()


def _fitted(cell: Cell, language: str) -> Any:
    if cell.value is None:
        return ""
    if isinstance(cell.value, Decimal):
        return _number(cell.value, language)
    if cell.kind in CHOICES and cell.name and isinstance(cell.value, str):
        known = CHOICES[cell.kind].get(cell.value)
        return known[language] if known else fitting(shown(cell.value))
    return fitting(shown(cell.value)) if isinstance(cell.value, str) else cell.value


def _number(value: Decimal, language: str) -> Decimal | str:
    """What Excel would round is written as text."""
    if len(value.as_tuple().digits) <= DIGITS:
        return value
    return f"{value:f}" if language == "en" else f"{value:f}".replace(".", ",")


def height(cell: Cell) -> float:
    """Points that a cell's wrapped text needs; merged cells do not grow by themselves."""
    if cell.style == "title":
        return 30
    if cell.style in ("band", "band right"):
        return 20
    if not isinstance(cell.value, str):
        return LINE + PADDING
    per_line = max(cell.span * WIDTH * PER_LINE - 2, 4)
    return min(PADDING + LINE * lines(cell.value, per_line), TALLEST)


def lines(written: str, per_line: float) -> int:
    """How many lines a text takes; a little more than its length says, for lines end at words."""
    paragraphs: Sequence[str] = shown(written).split("\n")
    return sum(max(1, math.ceil(len(each) * 1.06 / per_line)) for each in paragraphs)

"""Write sheets of a form into a workbook: to read, to print, to fill in and to hand back."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from kamflow.intake.forms.memory import remember, shown
from kamflow.intake.forms.sheet import BLANK, KEY, MARK, NEW, VERSION, Column, Line, Sheet
from kamflow.intake.forms.sheet_cells import NUMBERS, Labels, canonical, spelled, words

TITLE, NOTE, NAMES, HEAD, BODY = range(5)
LISTS = "kamflow-lists"
_BLUE, _GREY, _RULE = "#1F3A5F", "#F2F4F7", "#B8C2CC"
_DATES = {"de": "dd.mm.yyyy", "en": "yyyy-mm-dd"}
_NUMBERS = {"money": "#,##0.00", "number": "#,##0.###", "whole": "0", "percent": "0", "rate": "0.00000000"}
# In memory: each sheet in a file of its own on its way takes a fifth longer.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(slots=True)
class Workbook:
    """A form that is being written. `book` is xlsxwriter's, for pages that are no sheets.

    How rows that are pointed at (accounts, people …) are called stands in `labels`: kind -> row id -> name;
    Excel offers all of them, or those in `offered`.
    """

    book: Any
    kind: str
    language: str
    today: date
    labels: Labels
    memory: list[tuple[str, str, str, str]] = field(default_factory=list)
    formats: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    looks: dict[tuple[str, bool], Any] = field(default_factory=dict)
    lists: dict[tuple[str, ...], str] = field(default_factory=dict)
    offered: Mapping[str, Collection[int]] = field(default_factory=dict)

    def form(self, **look: Any) -> Any:
        """A format, made once."""
        plain = {"font_name": "Calibri", "font_size": 10, "valign": "top", "num_format": "@"} | look
        key = tuple(sorted(plain.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(plain)
        return self.formats[key]

    def meta(self, name: str, value: str) -> None:
        """Remember something about the whole form."""
        self.memory.append(("meta", name, "", value))

    def remember(self, code: str, key: str, name: str, value: Any) -> None:
        """Remember what a cell was written with."""
        self.memory.append((f"cell {code}", key, name, canonical(value)))

    def add(
        self,
        sheet: Sheet,
        lines: Sequence[Line],
        defaults: Iterable[tuple[str, Any]] = (),
        blank: int = BLANK,
    ) -> None:
        """Write one sheet with its rows, and empty ones below; `defaults` stand in those already."""
        page = self.book.add_worksheet(_tab(sheet.title[self.language]))
        _head(self, page, sheet, len(lines) + blank)
        for at, line in enumerate(lines, BODY):
            _line(self, page, sheet, at, line)
        first = BODY + len(lines)
        for number in range(blank):
            _blank(self, page, sheet, first + number, f"{NEW}{number + 1}", dict(defaults))
        # Where rows can be added, below the empty ones too.
        _validate(self, page, sheet, first + blank + 200 if blank else max(first - 1, BODY))

    def range_of(self, values: Sequence[str]) -> str:
        """Where a list of values stands that is too long to stand in a rule of Excel's."""
        key = tuple(values)
        if key not in self.lists:
            page = self.book.get_worksheet_by_name(LISTS) or self.book.add_worksheet(LISTS)
            page.hide()
            column = len(self.lists)
            for row, value in enumerate(key):
                page.write_string(row, column, shown(value))
            name = xl_col_to_name(column, col_abs=True)
            self.lists[key] = f"='{LISTS}'!{name}$1:{name}${len(key)}"
        return self.lists[key]


@contextmanager
def opened(path: Path, kind: str, language: str, today: date, labels: Labels) -> Iterator[Workbook]:
    """Open a form to write it; what it has to remember is written at the end."""
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        workbook = Workbook(book, kind, language, today, labels)
        workbook.meta("form", kind)
        workbook.meta("id", uuid4().hex)
        workbook.meta("language", language)
        yield workbook
        remember(book, workbook.memory)


def _tab(title: str) -> str:
    return "".join(" " if char in "[]:*?/\\" else char for char in title)[:31]


def _head(workbook: Workbook, page: Any, sheet: Sheet, rows: int) -> None:
    language = workbook.language
    day = f"{workbook.today:%d.%m.%Y}" if language == "de" else workbook.today.isoformat()
    page.set_row(TITLE, 24)
    look = workbook.form(bold=True, font_size=15, font_color=_BLUE, valign="vcenter")
    page.write_string(TITLE, 0, f"{sheet.title[language]} · {day}", look)
    page.write_string(NOTE, 0, sheet.note[language], workbook.form(italic=True, font_size=9))
    page.set_row(NAMES, 12, None, {"hidden": True})
    dark = workbook.form(bold=True, bg_color=_BLUE, font_color="white", border=1, text_wrap=True)
    for at, column in enumerate(sheet.columns):
        page.write_string(NAMES, at, column.field.name)
        page.write_string(HEAD, at, column.title[language], dark)
        page.set_column(at, at, column.width, _look(workbook, column))
        if column.note:
            page.write_comment(HEAD, at, column.note[language])
    width = len(sheet.columns)
    for at, name in enumerate((f"{MARK}{sheet.code}", VERSION), width):
        page.write_string(NAMES, at, name)
        page.write_string(HEAD, at, (KEY, VERSION)[at - width])
    page.set_column(width, width + 1, 8, None, {"hidden": True})
    # Over the hidden columns too, or sorting would part rows from their keys.
    page.autofilter(HEAD, 0, max(HEAD, BODY + rows - 1), width + 1)
    page.freeze_panes(BODY, 1)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(HEAD)


def _look(workbook: Workbook, column: Column) -> Any:
    key = (column.field.kind, column.fixed)
    if key not in workbook.looks:
        workbook.looks[key] = _new_look(workbook, column)
    return workbook.looks[key]


def _new_look(workbook: Workbook, column: Column) -> Any:
    kind = column.field.kind
    look: dict[str, Any] = {"border": 1, "border_color": _RULE}
    if column.fixed:
        look["bg_color"] = _GREY
    if kind == "day":
        return workbook.form(**look, num_format=_DATES[workbook.language])
    if kind in NUMBERS:
        return workbook.form(**look, num_format=_NUMBERS[kind])
    return workbook.form(**look, text_wrap=True)


def _line(workbook: Workbook, page: Any, sheet: Sheet, row: int, line: Line) -> None:
    for at, column in enumerate(sheet.columns):
        name = column.field.name
        _put(workbook, page, (row, at), column, line.values.get(name))
        if not column.fixed:
            workbook.remember(sheet.code, line.key, name, line.values.get(name))
    page.write_string(row, len(sheet.columns), line.key)
    page.write_string(row, len(sheet.columns) + 1, str(line.version))


def _blank(workbook: Workbook, page: Any, sheet: Sheet, row: int, key: str, defaults: dict[str, Any]) -> None:
    for at, column in enumerate(sheet.columns):
        default = defaults.get(column.field.name)
        _put(workbook, page, (row, at), column, default)
        if default is not None:
            workbook.remember(sheet.code, key, column.field.name, default)
    page.write_string(row, len(sheet.columns), key)


def _put(workbook: Workbook, page: Any, place: tuple[int, int], column: Column, value: Any) -> None:
    written = spelled(column.field, value, workbook.language, workbook.labels)
    look = _look(workbook, column)
    match written:
        case "":
            page.write_blank(*place, None, look)
        case date():
            page.write_datetime(*place, written, look)
        case Decimal():
            page.write_number(*place, float(written), look)
        case _:
            page.write_string(*place, str(written), look)


def _validate(workbook: Workbook, page: Any, sheet: Sheet, last: int) -> None:
    for at, column in enumerate(sheet.columns):
        rule = None if column.fixed else _rule(workbook, column)
        if rule is not None:
            page.data_validation(BODY, at, last, at, rule)


def _rule(workbook: Workbook, column: Column) -> dict[str, Any] | None:
    kind, limits = column.field.kind, column.field
    if kind in ("choice", "flag"):
        return {"validate": "list", "source": words(column.field, workbook.language)}
    if kind in workbook.labels:
        offered = workbook.offered.get(kind)
        labels = workbook.labels[kind].items()
        names = sorted((name for row, name in labels if offered is None or row in offered), key=str.casefold)
        if not names:
            return None
        # A warning only: a key or an external id will do as well.
        return {"validate": "list", "source": workbook.range_of(names), "error_type": "warning"}
    if kind == "day":
        return {"validate": "date", "criteria": ">", "value": date(1900, 1, 1)}
    if kind in ("whole", "percent"):
        high = 100 if kind == "percent" else limits.high
        return {"validate": "integer", "criteria": "between", "minimum": limits.low, "maximum": high}
    if kind in ("money", "number"):
        least, most = (0, 1e9) if kind == "number" else (-1e15, 1e15)
        return {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most}
    return None

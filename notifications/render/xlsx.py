"""Tables as an Excel file: typed cells under a head that filters, nothing in it ever a formula.

Numbers are numbers and dates are dates, shown as the reader's Excel shows them; None is said as unknown, ""
leaves a cell empty. Text is written as text, whatever it begins with. Same sheets, same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal, NamedTuple, TypeAlias

import xlsxwriter

from notifications.parts import printable
from notifications.render.brand import LIGHT
from notifications.render.item import Tone
from notifications.render.literal import clean, clip

Kind = Literal["text", "money", "number", "whole", "percent", "date"]
Value: TypeAlias = str | int | float | Decimal | date | None

# Excel's own numbers of formats: they follow the reader's country. A percentage has one decimal.
_FORMATS: dict[str, str | int] = {"money": 3, "number": 4, "whole": 3, "percent": "0.0%", "date": 14}
_TONES: dict[Tone, tuple[str, str]] = {
    "over": (LIGHT.over_ground, LIGHT.over),
    "due": (LIGHT.due_ground, LIGHT.due),
}
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_NARROW, _WIDE = 9, 48
_CELL = 32_767  # characters that Excel lets a cell hold; those beyond the basic plane count twice
_TAB = 31
_WRONG_IN_TAB = str.maketrans("[]:*?/\\", "       ")
# What a reader's Excel would take for a formula if the cell were typed again.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OF_KIND: dict[str, dict[str, Any]] = {
    "unknown": {"italic": True, "font_color": LIGHT.muted},
    "empty": {"valign": "top"},
    "text": {"text_wrap": True},
    # A cell that is typed again stays text.
    "quoted": {"text_wrap": True, "quote_prefix": True},
}
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Toned(NamedTuple):
    """A value whose cell is coloured as a light."""

    value: Value
    tone: Tone


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. `kinds`: of each column what its values are; `percent` takes 94.9 for 94.9 %.

    `title` and `notes` stand above the head: what this is, as of when, from where.
    """

    name: str
    head: tuple[str, ...]
    kinds: tuple[Kind, ...]
    rows: Sequence[Sequence[Value | Toned]]
    title: str = ""
    notes: tuple[str, ...] = ()


def workbook(
    sheets: Sequence[Sheet],
    on: date,
    *,
    title: str = "",
    unknown: str = "unknown",
    colour: str = LIGHT.accent,
) -> bytes:
    """The file; `on` is the day of what stands in it, `unknown` what a gap is called."""
    out = BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": _fitting(title)[:255], "created": datetime.combine(on, time(), UTC)})
        writing = _Writing(book, unknown, colour)
        taken: set[str] = set()
        for sheet in sheets:
            writing.add(sheet, _tab(sheet.name, taken))
    return out.getvalue()


class _Writing:
    """A workbook while it is written; each format is made once."""

    def __init__(self, book: Any, unknown: str, colour: str) -> None:
        self._book, self._unknown, self._colour = book, unknown, colour
        self._formats: dict[tuple[Any, ...], Any] = {}
        self._cells: dict[tuple[str, Tone], Any] = {}

    def add(self, sheet: Sheet, name: str) -> None:
        page = self._book.add_worksheet(name)
        top = self._above(page, sheet)
        head = self._look(bold=True, bg_color=self._colour, font_color="#FFFFFF", text_wrap=True)
        for column, word in enumerate(sheet.head):
            page.write_string(top, column, _fitting(word), head)
        for at, row in enumerate(sheet.rows, top + 1):
            for column, (value, kind) in enumerate(zip(row, sheet.kinds, strict=True)):
                self._put(page, (at, column), kind, value)
        self._measure(page, sheet)
        page.autofilter(top, 0, top + max(len(sheet.rows), 1), len(sheet.head) - 1)
        page.freeze_panes(top + 1, 1)
        page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        _to_print(page, top, sheet.title or sheet.name)

    def _above(self, page: Any, sheet: Sheet) -> int:
        """Title and notes; returns the row of the head."""
        row = 0
        if sheet.title:
            page.set_row(0, 24)
            look = self._bare(bold=True, font_size=15, font_color=self._colour)
            page.write_string(0, 0, _fitting(sheet.title), look)
            row = 1
        for note in sheet.notes:
            page.write_string(row, 0, _fitting(note), self._bare(font_color=LIGHT.muted))
            row += 1
        return row + 1 if row else 0

    def _put(self, page: Any, place: tuple[int, int], kind: Kind, value: Value | Toned) -> None:
        value, tone = value if isinstance(value, Toned) else (value, "calm")
        if value is None:
            page.write_string(*place, self._unknown, self._cell("unknown", tone))
        elif value == "":
            page.write_blank(*place, None, self._cell("empty", tone))
        elif isinstance(value, str):
            look = self._cell("quoted" if value.startswith(_BEGINS_FORMULA) else "text", tone)
            page.write_string(*place, _fitting(value), look)
        elif isinstance(value, date):
            page.write_datetime(*place, datetime.combine(value, time()), self._cell("date", tone))
        else:
            number = Decimal(str(value)) / 100 if kind == "percent" else value
            page.write_number(*place, float(number), self._cell(kind, tone))

    def _cell(self, kind: str, tone: Tone) -> Any:
        """How a cell looks; a large sheet asks for it hundreds of thousands of times."""
        key = (kind, tone)
        if key not in self._cells:
            self._cells[key] = self._look(**{**_toned(tone), **(_OF_KIND.get(kind) or _numbers(kind))})
        return self._cells[key]

    def _measure(self, page: Any, sheet: Sheet) -> None:
        for column, (word, kind) in enumerate(zip(sheet.head, sheet.kinds, strict=True)):
            lengths = [_length(row[column], kind, self._unknown) for row in sheet.rows]
            # The head may wrap between words; the button of the filter takes its part of the last line.
            longest = max((len(part) for part in word.replace("-", "- ").split()), default=0) + 3
            page.set_column(column, column, min(_WIDE, max([_NARROW, longest, *lengths])))

    def _look(self, **look: Any) -> Any:
        return self._bare(border=1, border_color=LIGHT.hairline, **look)

    def _bare(self, **look: Any) -> Any:
        look = {"font_name": "Calibri", "font_size": 10, "valign": "top"} | look
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(look)
        return self._formats[key]


def _numbers(kind: str) -> dict[str, Any]:
    left = {"align": "left"} if kind == "date" else {}
    return {"num_format": _FORMATS[kind], **left}


def _toned(tone: Tone) -> dict[str, Any]:
    ground, ink = _TONES.get(tone, ("", ""))
    return {"bg_color": ground, "font_color": ink, "bold": True} if ground else {}


def _length(value: Value | Toned, kind: Kind, unknown: str) -> int:
    """Characters that a value takes as Excel shows it, with some air."""
    value = value.value if isinstance(value, Toned) else value
    if value is None:
        return len(unknown) + 1
    if isinstance(value, str):
        return max((len(line) for line in value.split("\n")), default=0) + 1
    if isinstance(value, date):
        return 12
    digits = len(f"{value:,.2f}" if kind == "number" else f"{value:,.0f}")
    return digits + (4 if kind == "percent" else 2)


def _to_print(page: Any, top: int, title: str) -> None:
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)
    page.hide_gridlines(2)
    # An ampersand begins a code here.
    page.set_footer(f"&L&9{clip(clean(title), 90).replace('&', '&&')}&R&9&P / &N")


def _tab(name: str, taken: set[str]) -> str:
    """A name that Excel takes for a sheet and that no other sheet has."""
    plain = _short(" ".join(clean(name).translate(_WRONG_IN_TAB).split()).strip("'"), _TAB) or "-"
    found, number = plain, 1
    while found.lower() in taken or found.lower() == "history":
        number += 1
        found = f"{_short(plain, _TAB - 4)} {number}"
    taken.add(found.lower())
    return found


def _fitting(text: str) -> str:
    """The text as one cell can hold it: what XML forbids as U+FFFD."""
    return _short(printable(text.replace("\r\n", "\n").replace("\r", "\n")), _CELL)


def _short(text: str, limit: int) -> str:
    if _units(text) <= limit:
        return text
    cut = clip(text, limit)
    while _units(cut) > limit:
        cut = clip(text, len(cut) - max(1, (_units(cut) - limit) // 2))
    return cut


def _units(text: Iterable[str]) -> int:
    return sum(2 if character > "\uffff" else 1 for character in text)

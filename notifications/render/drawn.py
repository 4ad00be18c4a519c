"""What a template draws: tables and charts, from values."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from notifications.render.item import Bars, Cell, Chart, Field, Point, Series, Table, Tone, Trend

Caller = Callable[[], str]
# Line breaks are the template's own: names and topics have none left.
_LAYOUT = re.compile(" *\n[ \n]*")


class Drawn:
    """The tables and charts of an item while its template fills it."""

    def __init__(self) -> None:
        self.charts: list[Chart] = []
        self.tables: list[Table] = []

    def table(
        self,
        head: Iterable[str],
        rows: Iterable[Iterable[str | Cell]],
        numbers: Iterable[int] = (),
        caption: str = "",
    ) -> str:
        """Rows under a head; a table without rows is left out."""
        cells = tuple(tuple(_cell(each) for each in row) for row in rows)
        if cells:
            named = tuple(map(flat, head))
            self.tables.append(Table(named, cells, frozenset(numbers), flat(caption)))
        return ""

    def cell(self, text: str, tone: Tone | None = None) -> Cell:
        """A cell of a table with a tone of its own."""
        return Cell(flat(text), tone)

    def bars(  # noqa: PLR0913 - the places of a chart
        self,
        name: str,
        labels: Sequence[str],
        actual: tuple[str, Iterable[Any]],
        *,
        caller: Caller,
        target: tuple[str, Iterable[Any]] | None = None,
        before: tuple[str, Iterable[Any]] | None = None,
        unit: str = "",
        lying: bool = False,
        begun: int | None = None,
    ) -> str:
        """A chart of (name, values) each; the block says the same in words. Nothing known: no chart."""
        series = _series(actual)
        if any(value is not None for value in series.values):
            aim, past = target and _series(target), before and _series(before)
            named = tuple(map(flat, labels))
            self.charts.append(Bars(name, flat(caller()), unit, named, series, aim, past, lying, begun))
        return ""

    def field(
        self,
        name: str,
        x_label: str,
        y_label: str,
        quarters: tuple[str, str, str, str],
        points: Iterable[tuple[str, Any, Any, Tone]],
        *,
        caller: Caller,
    ) -> str:
        """A chart of named points in four quarters; the block says the same in words."""
        marks = tuple(Point(flat(label), float(x), float(y), tone) for label, x, y, tone in points)
        if marks:
            self.charts.append(Field(name, flat(caller()), x_label, y_label, quarters, marks))
        return ""

    def trend(
        self,
        name: str,
        labels: Sequence[str],
        lines: Iterable[tuple[str, Iterable[Any]]],
        *,
        caller: Caller,
        low: float,
        high: float,
        unit: str = "",
    ) -> str:
        """A chart of lines over time; the block says the same in words. Nothing known: no chart."""
        series = tuple(map(_series, lines))
        if any(value is not None for line in series for value in line.values):
            self.charts.append(Trend(name, flat(caller()), unit, tuple(map(flat, labels)), series, low, high))
        return ""


def _cell(cell: str | Cell) -> Cell:
    return cell if isinstance(cell, Cell) else Cell(flat(cell))


def _series(named: tuple[str, Iterable[Any]]) -> Series:
    name, values = named
    return Series(flat(name), tuple(None if value is None else float(value) for value in values))


def flat(text: str) -> str:
    return (_LAYOUT.sub(" ", text) if "\n" in text else text).strip(" \n")

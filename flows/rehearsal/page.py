"""One rehearsal, or two side by side, as one HTML file that needs nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from babel.dates import format_date

from flows.rehearsal.findings import Rehearsed, Sum
from flows.rehearsal.load import Row
from flows.rehearsal.words import words
from notifications.render import brand
from notifications.render.environment import environment
from notifications.render.formats import Formats, locale_of

COLUMNS = ("opened", "closed", "told", "messages", "over")
# A cell's shade, by the share of a full week's budget that it takes.
SHADES = (0.0, 0.03, 0.1, 0.2, 0.35, 0.6)
LISTED = 10
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Cell:
    """One week of one row."""

    shade: int
    text: str
    says: str


@dataclass(frozen=True)
class Line:
    """One row of the heat map."""

    label: str
    row: Row
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Bar:
    """One day of a chart, in per cent of its width and height."""

    x: float
    height: float
    says: str


@dataclass(frozen=True)
class Played:
    """A rehearsal as the page shows it."""

    name: str
    found: Rehearsed
    lines: tuple[Line, ...]
    hand_ins: tuple[Bar, ...]
    approvals: tuple[Bar, ...]
    most: Mapping[str, str]


def page(language: str, played: Sequence[tuple[str, Rehearsed]]) -> str:
    """The page for one rehearsal, or for the same days under two policies; names of the policies first."""
    locale = locale_of(language)
    first = played[0][1]
    formats, said = Formats(locale, first.first), words(language)
    week = first.items_a_day * 5  # one scale for both
    shown = [_played(name, found, week, formats, said) for name, found in played]
    template = environment("de" if locale.startswith("de") else "en").get_template("rehearsal/page.html.j2")
    return template.render(
        language=locale[:2],
        said=said,
        formats=formats,
        played=shown,
        first=first,
        columns=COLUMNS,
        months=_months(played, locale),
        spans=_spans(first.weeks, locale),
        changes=_changes(first.total, played[-1][1].total),
        listed=LISTED,
        light=brand.LIGHT,
        dark=brand.DARK,
        font=brand.FONT,
    )


def label(row: Row, said: Mapping[str, str]) -> str:
    """What a row is called: a person, or roles."""
    return " · ".join(said.get(name, name) for name in row.label.split("+"))


def _played(name: str, found: Rehearsed, week: int, formats: Formats, said: Mapping[str, str]) -> Played:
    lines = tuple(
        Line(label(row, said), row, tuple(_cells(found.weeks, row, week, formats, said)))
        for row in found.load
    )
    charts = {"hand_ins": found.hand_ins, "approvals": found.approvals}
    return Played(
        name=name,
        found=found,
        lines=lines,
        hand_ins=tuple(_bars(found, found.hand_ins, formats)),
        approvals=tuple(_bars(found, found.approvals, formats)),
        most={
            key: said["most"].format(
                count=max(days.values()), day=formats.day(max(days, key=days.__getitem__))
            )
            for key, days in charts.items()
            if days
        },
    )


def _cells(
    weeks: Sequence[date], row: Row, budget: int, formats: Formats, said: Mapping[str, str]
) -> Iterable[Cell]:
    for week, items in zip(weeks, row.items, strict=True):
        share = items / budget
        shade = sum(share > limit for limit in SHADES)
        text = formats.number(round(items)) if items >= 1 else ""
        says = f"{said['week_of'].format(day=formats.dated(week))}: {formats.number(items)}"
        yield Cell(shade, text, says)


def _bars(found: Rehearsed, days: Mapping[date, int], formats: Formats) -> Iterable[Bar]:
    if not days:
        return
    length, most = (found.last - found.first).days + 1, max(days.values())
    for day, count in days.items():
        x = 100 * (day - found.first).days / length
        yield Bar(round(x, 3), round(100 * count / most, 2), f"{formats.dated(day)}: {count}")


def _months(played: Sequence[tuple[str, Rehearsed]], locale: str) -> list[tuple[str, list[Sum]]]:
    """Per month its name and the sums of each rehearsal."""
    names = dict.fromkeys(name for _, found in played for name in found.months)
    return [
        (
            format_date(date.fromisoformat(f"{name}-01"), "LLLL y", locale=locale),
            [found.months.get(name, Sum()) for _, found in played],
        )
        for name in names
    ]


def _spans(weeks: Sequence[date], locale: str) -> list[tuple[str, int]]:
    """Over the weeks: the month most of whose days they hold, and how many weeks it has."""
    middle = timedelta(days=3)
    months = groupby(weeks, key=lambda week: (week + middle).replace(day=1))
    counted = ((month, len(list(own))) for month, own in months)
    # Over a single week there is no room for a name.
    return [
        (format_date(month, "LLL", locale=locale).rstrip(".") if count > 1 else "", count)
        for month, count in counted
    ]


def _changes(a: Sum, b: Sum) -> dict[str, int]:
    return {name: getattr(b, name) - getattr(a, name) for name in COLUMNS}

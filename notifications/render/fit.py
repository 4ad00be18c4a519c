"""A letter cut down step by step until a page can hold it. No item is ever dropped."""

from collections.abc import Iterator
from dataclasses import replace

from notifications.render.item import Cell, Figure, Item, Letter, Line, Table
from notifications.render.literal import clip

# Lines of an item, rows of a table, characters of a text; charts are shown as long as lines are.
_STEPS = (
    (16, 16, 400),
    (10, 10, 300),
    (7, 8, 240),
    (5, 6, 160),
    (3, 4, 120),
    (2, 3, 90),
    (1, 1, 70),
    (0, 0, 60),
)
_HEADING, _INTRO, _FOOTER = 120, 240, 2


def shorter(letter: Letter) -> Iterator[Letter]:
    """The letter from its fullest to its shortest form; what is left out is said."""
    for lines, rows, length in _STEPS:
        yield replace(
            letter,
            heading=clip(letter.heading, _HEADING),
            day=clip(letter.day, _INTRO),
            kind=clip(letter.kind, _HEADING),
            badge=clip(letter.badge, length),
            intro=clip(letter.intro, _INTRO),
            banner=clip(letter.banner, _INTRO),
            more=clip(letter.more, _INTRO),
            footer=tuple(clip(each, _INTRO) for each in letter.footer[:_FOOTER]),
            items=tuple(_item(item, letter.labels.left_out, lines, rows, length) for item in letter.items),
        )


def _item(item: Item, left_out: str, lines: int, rows: int, length: int) -> Item:
    cut = len(item.lines) > lines or any(len(table.rows) > rows for table in item.tables)
    return replace(
        item,
        kind=clip(item.kind, length),
        title=clip(item.title, length),
        due=clip(item.due, length),
        marks=tuple(clip(each, length) for each in item.marks[:2]),
        lines=tuple(_line(each, length) for each in item.lines[:lines]),
        tables=tuple(_table(each, rows, length) for each in item.tables if rows),
        charts=item.charts if lines else (),
        figures=tuple(_figure(each, length) for each in item.figures[:lines]),
        proposals=tuple(clip(each, length) for each in item.proposals[:lines]),
        rest=clip(left_out if cut else item.rest, length),
        why=clip(item.why, length) if lines else "",
        next=clip(item.next, length) if lines else "",
        link=item.link and replace(item.link, text=clip(item.link.text, length)),
    )


def _line(line: Line, length: int) -> Line:
    return replace(
        line,
        head=clip(line.head, length),
        lead=clip(line.lead, length),
        about=clip(line.about, length),
        text=clip(line.text, length),
        badge=clip(line.badge, length),
        notes=tuple(clip(each, length) for each in line.notes[:2]),
    )


def _table(table: Table, rows: int, length: int) -> Table:
    def cells(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(replace(each, text=clip(each.text, length)) for each in row)

    head = tuple(clip(each, length) for each in table.head)
    return replace(
        table, head=head, rows=tuple(map(cells, table.rows[:rows])), caption=clip(table.caption, length)
    )


def _figure(figure: Figure, length: int) -> Figure:
    short = {name: clip(getattr(figure, name), length) for name in ("label", "value", "as_of", "source")}
    return replace(figure, **short)

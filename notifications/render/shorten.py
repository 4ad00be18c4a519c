"""A letter cut down step by step, for a channel that it would be too long for. No item is ever dropped."""

from dataclasses import replace

from notifications.render.item import Actions, Item, Letter, Line, Table
from notifications.render.literal import clip

SHORTEST = 4
# Buttons of a nudge that are left at the last steps.
_BUTTONS = {3: 2, 4: 1}
# Lines, rows, proposals and characters of a text that are left at each step.
_LEFT = {1: (5, 40, 2, 240), 2: (2, 15, 1, 240), 3: (0, 5, 0, 160), SHORTEST: (0, 0, 0, 80)}


def shortened(letter: Letter, step: int) -> Letter:
    """Step 0 is the letter itself, `SHORTEST` little more than titles and dates."""
    if step == 0:
        return letter
    items = tuple(_item(item, letter.labels.left_out, step) for item in letter.items)
    return replace(letter, items=items)


def _item(item: Item, left_out: str, step: int) -> Item:
    lines, rows, proposals, length = _LEFT[step]
    actions = _actions(item.actions, step)
    if step == SHORTEST:
        return Item(item.kind, clip(item.title, length), item.due, item.tone, actions=actions)
    cut = len(item.lines) > lines or any(len(table.rows) > rows for table in item.tables)
    return replace(
        item,
        title=clip(item.title, length),
        marks=tuple(clip(mark, length) for mark in item.marks),
        lines=tuple(_line(line, length) for line in item.lines[:lines]),
        rest=left_out if cut else item.rest,
        proposals=tuple(clip(proposal, length) for proposal in item.proposals[:proposals]),
        link=replace(item.link, text=clip(item.link.text, length)) if item.link else None,
        tables=tuple(_table(table, rows, length) for table in item.tables),
        actions=actions,
    )


def _actions(actions: tuple[Actions, ...], step: int) -> tuple[Actions, ...]:
    """In the end one button: it leads to a page that has all others."""
    kept = _BUTTONS.get(step)
    if kept is None:
        return actions
    return tuple(replace(each, actions=each.actions[:kept]) for each in actions[: kept + 1])


def _table(table: Table, rows: int, length: int) -> Table:
    kept = (tuple(replace(cell, text=clip(cell.text, length)) for cell in row) for row in table.rows[:rows])
    return replace(table, rows=tuple(kept), caption=clip(table.caption, length))


def _line(line: Line, length: int) -> Line:
    return replace(
        line,
        head=clip(line.head, length),
        lead=clip(line.lead, length),
        about=clip(line.about, length),
        text=clip(line.text, length),
        notes=tuple(clip(note, length) for note in line.notes),
    )

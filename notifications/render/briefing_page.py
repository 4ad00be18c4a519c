"""The briefing as one page of paper: the fullest of its variants that fits, and what its file is called."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from kamflow.documents import briefing
from kamflow.documents.briefing import Room
from kamflow.store.names import Names
from notifications.render import letter as letters
from notifications.render import pdf
from notifications.render.house import House
from notifications.render.item import Cell, Figure, Item, Letter, Line, Table
from notifications.render.literal import clip

TEMPLATE = "briefing"
_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "a", "ł": "l"}
)
_LONGEST_NAME, _LONGEST_HEADING, _LONGEST_LINE = 60, 80, 120
# What is to be said in the talk is not cut as short as the rest.
_POINTS, _SAID = briefing.PARTS.index("points"), 140


def page(facts: Mapping[str, Any], language: str, names: Names, house: House) -> bytes:
    """The page as PDF; the same facts and names give the same bytes."""
    return pdf.one_page(variants(facts, language, names, house.company), house)


def variants(facts: Mapping[str, Any], language: str, names: Names, company: str = "") -> Iterator[Letter]:
    """The letters of the page, from full to short; those that say the same only once."""
    # What a mail says of its attachment has no place on the attachment.
    own = {name: value for name, value in facts.items() if name != "page"}
    on = date.fromisoformat(facts["as_of"])
    warned = facts["paper"] != "draft" and not facts["reviewed"]
    made: set[Letter] = set()
    for said in briefing.variants(own):
        letter = letters.notice(TEMPLATE, language, said, company, on, names=names)
        shorter = _clipped(letter, said["room"], warned=warned)
        if shorter not in made:
            made.add(shorter)
            yield shorter


def filename(facts: Mapping[str, Any], names: Names) -> str:
    """`briefing-muster-ag-2026-09-22.pdf`: letters, digits and hyphens, whatever the customer is called."""
    known = names.accounts.get(facts["account"])
    spelled = (known.name if known else "").lower().translate(_SPELLED)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)
    slug = "-".join(words)[:_LONGEST_NAME].strip("-")
    return "-".join(part for part in ("briefing", slug, facts["day"]) if part) + ".pdf"


def _clipped(letter: Letter, room: Room, *, warned: bool) -> Letter:
    """Every text at most as long as there is room for; when one meets stands below the customer's name.

    Texts and notes of lines, and marks, end in a date and a source: of these the template cuts the names.
    `warned`: nobody has reviewed it, which the first line says.
    """
    first, *others = letter.items
    items = (replace(first, title=""), *others)
    unseen = {"banner": letter.intro, "intro": ""} if warned else {}
    return replace(
        letter,
        **unseen,
        heading=clip(letter.heading, _LONGEST_HEADING),
        day=clip(first.title, _LONGEST_LINE),
        items=tuple(
            _item(each, max(room.text, _SAID) if at == _POINTS else room.text)
            for at, each in enumerate(items)
        ),
    )


def _item(item: Item, longest: int) -> Item:
    return replace(
        item,
        title=clip(item.title, longest),
        lines=tuple(_line(line, longest) for line in item.lines),
        figures=tuple(_figure(figure, longest) for figure in item.figures),
        tables=tuple(_table(table, longest) for table in item.tables),
    )


def _line(line: Line, longest: int) -> Line:
    return replace(
        line,
        head=clip(line.head, longest),
        about=clip(line.about, longest),
        badge=clip(line.badge, longest),
    )


def _figure(figure: Figure, longest: int) -> Figure:
    return replace(figure, value=clip(figure.value, 2 * longest))


def _table(table: Table, longest: int) -> Table:
    rows = tuple(tuple(Cell(clip(cell.text, longest), cell.tone) for cell in row) for row in table.rows)
    return replace(table, head=tuple(clip(name, longest // 2) for name in table.head), rows=rows)

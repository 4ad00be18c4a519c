"""A letter on paper: PDF/UA-1 and PDF/A-2a by typst. The same letter gives the same bytes.

Typst gets values as JSON and lays them out (`templates/paper`); nothing a person wrote becomes typst source.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from notifications.render import chart, fit, fonts
from notifications.render.brand import LIGHT
from notifications.render.environment import folder, module
from notifications.render.formats import Formats
from notifications.render.house import House
from notifications.render.item import Bars, Chart, Field, Letter, Trend

_NUMBER, _OF = "{number}", "{of}"  # where the numbers of pages go
_FULLEST = 2  # letters that are tried first
_TOO_LONG = "no letter fits"  # how the page says so
# A compiler keeps the input of its last call: one document at a time.
_ONE_AT_A_TIME = Lock()


class Flawed(RuntimeError):
    """Typst warned about a document: it would not be what was meant."""


def one_page(letters: Iterable[Letter], house: House) -> bytes:
    """The first of these letters, from the fullest to the shortest, that fits on one page.

    Where not even the last one does, it is cut down as a mail would be. Most often one of the fullest fits:
    the others are made only where none of these does.
    """
    left = iter(letters)
    tried = last = tuple(islice(left, _FULLEST))
    while tried:
        try:
            return _made("one_page.typ", tried, house, chart.NARROW, strict=True)
        except typst.TypstError as error:
            if _TOO_LONG not in error.message:
                raise
        last, tried = tried, tuple(left)
    return _made("one_page.typ", (*fit.shorter(last[-1]),), house, chart.NARROW)


def paper(letter: Letter, house: House) -> bytes:
    """The letter on as many pages as it needs."""
    return _made("pages.typ", (letter,), house, chart.WIDE)


def sheets(letter: Letter, house: House) -> bytes:
    """The letter with each item on a sheet of its own; an item without a kind is the cover."""
    return _made("sheets.typ", (letter,), house, chart.WIDE)


def _made(page: str, letters: Sequence[Letter], house: House, width: int, strict: bool = False) -> bytes:
    data = {**_data(letters, house, width), "strict": strict, "too_long": _TOO_LONG}
    with _ONE_AT_A_TIME:
        made, warnings = _compiler(page, house.fonts).compile_with_warnings(
            format="pdf", sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1", "a-2a"]
        )
    if warnings:
        raise Flawed("; ".join(warning.diagnostic or warning.message for warning in warnings))
    if not isinstance(made, bytes):
        raise Flawed(f"{page} is not one file")
    return made


@cache
def _compiler(page: str, folders: tuple[Path, ...]) -> typst.Compiler:
    """One per process, so that the fonts are read once."""
    root = folder() / "paper"
    return typst.Compiler(input=root / page, root=root, font_paths=fonts.book(folders))


def _data(letters: Sequence[Letter], house: House, width: int) -> Mapping[str, Any]:
    """What the page is told, as plain values that every font of the chain can draw."""
    first = letters[0]
    if first.on is None:
        raise ValueError("a document needs the day of its facts: Letter.on")
    seen: dict[Chart, int] = {}
    said = [_plain(letter, fonts.drawable(house.fonts), seen) for letter in letters]
    text = fonts.drawable(house.fonts).text
    return {
        "letters": said,
        "charts": [
            {"svg": text(chart.svg(each, first.locale, house, width)), "alt": text(each.alt)} for each in seen
        ],
        "date": [first.on.year, first.on.month, first.on.day],
        "fonts": fonts.chain(house.fonts),
        "colours": {each.name: getattr(LIGHT, each.name) for each in fields(LIGHT)},
        "house": _house(house, text(house.company)),
        "words": _words(first),
    }


def _plain(value: Any, drawn: fonts.Drawable, seen: dict[Chart, int]) -> Any:
    if isinstance(value, str):
        return drawn.text(value)
    if isinstance(value, Bars | Field | Trend):
        return seen.setdefault(value, len(seen))
    if isinstance(value, tuple | frozenset):
        return [_plain(each, drawn, seen) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: _plain(getattr(value, each.name), drawn, seen) for each in fields(value)}
    return value if isinstance(value, int | float) else str(value) if value is not None else None


def _house(house: House, company: str) -> Mapping[str, Any]:
    logo = house.logo
    return {
        "company": company,
        "primary": house.primary,
        "secondary": house.secondary,
        "text": house.text,
        "tint": house.tint,
        "logo": logo and {"kind": logo.kind, "content": [*logo.content]},
    }


def _words(letter: Letter) -> Mapping[str, Any]:
    """The frame's own words: the day of the facts, and the number of a page in three parts."""
    macros, frame = module(letter.locale, "paper/words.j2"), module(letter.locale, "digest/words.j2")
    before, _, rest = str(macros.page(_NUMBER, _OF)).strip().partition(_NUMBER)
    between, _, after = rest.partition(_OF)
    day = letter.on and Formats(letter.locale, letter.on).dated(letter.on)
    return {"page": [before, between, after], "as_of": str(frame.as_of(day)).strip()}

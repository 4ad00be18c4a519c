"""Which characters the fonts of a document draw; system fonts are never used, so that bytes are the same.

The chain is Inter, the house's own fonts for other scripts, and Unifont, which has a plain glyph for nearly
every character there is. What nobody draws, and what PDF/A does not allow in a text, becomes U+FFFD.
"""

import unicodedata
from functools import cache
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

from notifications.parts import REPLACEMENT, printable
from notifications.render.environment import folder

_OWN = "Inter"
_LAST_RESORT = ("Unifont", "Unifont Upper")
# Without a glyph by design: joiners, marks of writing direction, variation selectors.
_IGNORABLE = {0xAD, 0x34F, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)}
_IGNORABLE |= {*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
_BREAKS = "\t\n\r\x85\u2028\u2029"
_FORBIDDEN = {"Cc", "Co", "Cs", "Cn"}  # controls, private use, halves of pairs, not assigned


class Drawable(dict[int, int]):
    """A table for `str.translate`: each character, or U+FFFD where no font draws it."""

    def __init__(self, drawn: frozenset[int]) -> None:
        super().__init__({ord(each): ord(" ") for each in _BREAKS})
        self._drawn = drawn

    def __missing__(self, code: int) -> int:
        self[code] = code if self._fits(code) else ord(REPLACEMENT)
        return self[code]

    def text(self, text: str) -> str:
        """The text as a document can show it."""
        return text if text.isascii() and text.isprintable() else printable(text).translate(self)

    def _fits(self, code: int) -> bool:
        if unicodedata.category(chr(code)) in _FORBIDDEN or code == 0xFEFF:
            return False
        return code in self._drawn or code in _IGNORABLE


@cache
def book(folders: tuple[Path, ...] = ()) -> typst.Fonts:
    """Our own fonts and those of the house."""
    paths = [str(folder() / "fonts"), *map(str, folders)]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


@cache
def chain(folders: tuple[Path, ...] = ()) -> tuple[str, ...]:
    """The families in the order in which they are asked."""
    ours = (_OWN, *_LAST_RESORT)
    return (_OWN, *(name for name in book(folders).families() if name not in ours), *_LAST_RESORT)


@cache
def drawable(folders: tuple[Path, ...] = ()) -> Drawable:
    """What the fonts draw between them."""
    drawn: set[int] = set()
    for font in book(folders).fonts():
        if font.path:
            drawn |= _drawn(font.path, font.index)
    return Drawable(frozenset(drawn))


def width(text: str, size: float) -> float:
    """How wide a text is in Inter of that size; a character of another font counts as a square."""
    advances, square = _advances()
    return sum(advances.get(ord(each), square) for each in text) * size / square


@cache
def _advances() -> tuple[dict[int, int], int]:
    with TTFont(folder() / "fonts" / "Inter-Regular.otf", lazy=True) as font:
        glyphs, advances = font.getBestCmap() or {}, font["hmtx"]
        return {code: advances[name][0] for code, name in glyphs.items()}, font["head"].unitsPerEm  # pyright: ignore[reportAttributeAccessIssue]


@cache
def _drawn(path: str, index: int) -> frozenset[int]:
    with TTFont(path, fontNumber=index, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())

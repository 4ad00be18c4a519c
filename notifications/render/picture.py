"""The charts of a letter as pictures inside a mail."""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from notifications.message import Part
from notifications.render import chart
from notifications.render.house import House
from notifications.render.item import Chart, Letter

# Drawn for a phone, where its words would be too small otherwise; a desk shows it this much larger.
WIDEST = 440
_SIGNATURE = 8


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that the HTML shows by its id, and its size on a desk."""

    part: Part
    width: int
    height: int

    @property
    def source(self) -> str:
        return f"cid:{self.part.content_id}"


def pictures(letter: Letter, house: House) -> Mapping[Chart, Picture]:
    """Each chart drawn once, whichever items show it."""
    charts = dict.fromkeys(each for item in letter.items for each in item.charts)
    return {each: _drawn(each, number, letter.locale, house) for number, each in enumerate(charts, 1)}


@lru_cache(maxsize=32)  # a report goes to several readers
def _drawn(drawing: Chart, number: int, locale: str, house: House) -> Picture:
    content = packed(chart.png(drawing, locale, house, chart.NARROW))
    wide, high = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    name = re.sub("[^a-z0-9]+", "-", drawing.name.lower()).strip("-") or "chart"
    part = Part(content, "image/png", f"{name}.png", content_id=f"{name}.{number}@kamflow")
    return Picture(part, WIDEST, round(high * WIDEST / wide))


def packed(png: bytes) -> bytes:
    """The same picture in a fifth of the bytes: vl-convert packs fast, not small."""
    chunks = list(_chunks(png))
    pixels = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    kept = {kind: data for kind, data in chunks if kind in (b"IHDR", b"pHYs")}
    made = {**kept, b"IDAT": zlib.compress(pixels), b"IEND": b""}
    return png[:_SIGNATURE] + b"".join(_chunk(kind, data) for kind, data in made.items())


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _SIGNATURE
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = kind + data
    return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

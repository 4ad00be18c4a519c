"""A made-up letter for paper, of any length, and what a reader of the file finds in it."""

import io
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pypdf
import pytest

from notifications.render.item import Bars, Cell, Figure, Item, Labels, Letter, Line, Series, Table

LABELS = Labels("Proposal", "Why now", "What happens next", "Also open", "Details are left out here.")
QUARTERS = ("Q1", "Q2", "Q3", "Q4")
REVENUE = Bars(
    "revenue",
    "Revenue by quarter: 820, 910, 760, the fourth is not known.",
    "€",
    QUARTERS,
    Series("Actual", (820, 910, 760, None)),
    Series("Target", (800, 900, 900, 950)),
)


def letter(count: int, text: str = "Knut Beispiel", locale: str = "en_GB", **changes: object) -> Letter:
    """Four sections with so many lines each; `text` is everything a person can have written."""
    line = Line(text, about=text, text=text, notes=(text,), badge="by 1 October", tone="over")
    figure = Figure("Revenue", "820 €", "as of 30 June 2026", "source: ERP")
    rows = tuple((Cell(text), Cell("2/6", "due")) for _ in range(count))
    tables = (Table(("Contact", "Held"), rows, frozenset({1}), "Held and planned"),) if rows else ()
    items = (
        Item("Who you meet", text, lines=(line,) * count, figures=(figure,)),
        Item("How business went", "", charts=(REVENUE,), lines=(line,) * count, figures=(figure,) * count),
        Item("Who meets whom", text, tables=tables, proposals=(text,) * min(count, 3)),
        Item("What is open", text, lines=(line,) * count, rest="More in kamflow." if count else ""),
    )
    made = {
        "locale": locale,
        "subject": text,
        "preheader": "",
        "banner": "",
        "day": "Tuesday, 22 September 2026",
        "heading": text,
        "intro": "Looked through.",
        "items": items,
        "more": "",
        "footer": ("From kamflow.",),
        "labels": LABELS,
        "on": date(2026, 9, 1),
        "kind": "Briefing",
        "badge": "red",
        "tone": "over",
    }
    return Letter(**made | changes)


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def text_of(pdf: bytes, folder: Path) -> str:
    """The text as poppler reads it, in the order of the file; skips where it is not installed."""
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext (poppler-utils)")
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    ran = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return ran.stdout.decode()


def letters_of(text: str) -> str:
    """What is left of a text whatever a line break, a hyphen at its end or a writing direction did to it.

    A reader of PDF gives spaces where lines end, and takes marks without a glyph out; combining characters
    may come composed.
    """
    plain = unicodedata.normalize("NFC", text)
    kept = (each for each in plain if not each.isspace() and unicodedata.category(each) != "Cf")
    return re.sub("[-\u2010\ufe00-\ufe0f]", "", "".join(kept))


def right_to_left(text: str) -> bool:
    """Whether a reader of PDF, which sees glyphs from left to right, has to guess their order."""
    turning = {"R", "AL", "AN", "RLE", "RLO", "RLI"}
    return any(unicodedata.bidirectional(each) in turning for each in text)


def structure(pdf: bytes) -> list[str]:
    """The tags of the file in reading order, such as H1, P, Table."""
    return [str(node["/S"])[1:] for node in _nodes(pdf) if "/S" in node]


def alternatives(pdf: bytes) -> list[str]:
    """What is said in words of each picture."""
    return [str(node["/Alt"]) for node in _nodes(pdf) if "/Alt" in node]


def _nodes(pdf: bytes) -> Iterator[dict]:
    waiting = [read(pdf).trailer["/Root"]["/StructTreeRoot"]["/K"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting += reversed(node)
        elif isinstance(node, dict):
            yield node
            waiting += [node["/K"]] if "/K" in node else []

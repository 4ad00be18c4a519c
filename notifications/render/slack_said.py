"""What the blocks of a post say, as plain text: for limits, pages and tests."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

Block = dict[str, Any]
Element = dict[str, Any]


def as_text(blocks: Iterable[Block]) -> str:
    """What the blocks say, line by line; buttons are no text."""
    return "\n".join(line for block in blocks for line in _said(block))


def size(block: Block) -> int:
    """Characters a block shows."""
    return len(as_text((block,)))


def weight(blocks: Sequence[Block]) -> int:
    """Characters that blocks are sent as; Slack limits them without saying how it counts."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def literal(text: str) -> str:
    """A text for the one place that Slack reads as mrkdwn: its control characters are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _said(block: Block) -> Iterable[str]:
    if block["type"] in ("header", "section"):
        yield block["text"]["text"]
    elif block["type"] == "context":
        yield from (element["text"] for element in block["elements"])
    elif block["type"] != "actions":
        yield from ("".join(texts(element)) for element in block.get("elements", ()))


def texts(element: Element) -> Iterable[str]:
    """The texts within an element of a rich text, in order."""
    if "text" in element:
        yield element["text"]
    for part in element.get("elements", ()):
        yield from texts(part)

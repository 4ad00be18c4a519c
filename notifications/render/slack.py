"""A message as a Slack post.

Customer text stands in plain text and rich text only, which Slack shows as it is. Nothing is mrkdwn: it has
no way to escape `*`, `_`, `~` and backticks, so a name could format, link or mention.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kamflow.store.names import Names
from notifications.render import letter as letters
from notifications.render import rows
from notifications.render.item import Item, Letter, Line, Progress, Table, Tone
from notifications.render.literal import clip
from notifications.render.view import NudgesView

Block = dict[str, Any]
Element = dict[str, Any]

BLOCKS = 50
SECTION = 3000
HEADER = 150
# For all blocks together no limit is documented; a longer post would not be read.
CHARACTERS = 11_000
_FALLBACK = 1500
_TEXT = 300
_DOTS = 12
_ROWS = 15
# What the frame needs after the items: the compact list, "more", the footer.
_KEPT_FOR_FRAME = 6
_TONES: dict[Tone, str] = {"over": "🔴 ", "due": "🟠 ", "calm": ""}


@dataclass(frozen=True, slots=True)
class RenderedPost:
    """`text` is what notifications and old clients show."""

    text: str
    blocks: tuple[Block, ...]


def post(view: NudgesView) -> RenderedPost:
    """A digest or an urgent message."""
    return laid_out(letters.letter(view))


def notice(
    template: str,
    language: str,
    facts: Mapping[str, Any],
    company: str = "",
    day: date | None = None,
    redirected_from: str | None = None,
    names: Names | None = None,
) -> RenderedPost:
    """A message that no nudge is behind."""
    return laid_out(letters.notice(template, language, facts, company, day, redirected_from, names))


def laid_out(letter: Letter) -> RenderedPost:
    """The neutral model as blocks, within Slack's limits whatever the names are."""
    blocks: list[Block] = []
    if letter.banner:
        blocks.append(_rich(_paragraph(_text(clip(letter.banner, 2 * _TEXT), bold=True))))
    blocks.append(_header(letter))
    blocks.append(_rich(_paragraph(_text("\n".join(filter(None, (letter.kind, letter.intro)))))))
    blocks += _items(letter, room=CHARACTERS - sum(map(size, blocks)), blocks=len(blocks))
    if letter.more:
        blocks.append(_rich(_paragraph(_text(letter.more))))
    if letter.footer:
        blocks.append(_context(clip(" ".join(letter.footer), 1000)))
    return RenderedPost(_fallback(letter), tuple(blocks))


def size(block: Block) -> int:
    """Characters a block shows."""
    return len(as_text((block,)))


def as_text(blocks: Iterable[Block]) -> str:
    """What the blocks say, as plain text: for pages and tests."""
    return "\n".join(line for block in blocks for line in _said(block))


def _items(letter: Letter, room: int, blocks: int) -> list[Block]:
    """Every item: in full while there is room, then by title and date."""
    made: list[Block] = []
    for number, item in enumerate(letter.items):
        full = _item(item, letter)
        rest = letter.items[number:]
        needed = len(made) + blocks + len(full) + _KEPT_FOR_FRAME
        if needed > BLOCKS or sum(map(size, full)) > room - SECTION:
            return [*made, _compact(rest, letter)]
        room -= sum(map(size, full))
        made += full
    return made


def _item(item: Item, letter: Letter) -> list[Block]:
    blocks = [{"type": "divider"}, _rich(_title(item))]
    if item.charts:
        blocks.append(_rich(*(_paragraph(_text(clip(each.alt, 2 * _TEXT))) for each in item.charts)))
    for table in item.tables:
        blocks += _table(table, letter)
    blocks += [_rich(_bullets(lines)) for lines in _packed(item.lines)]
    tail: list[Element] = [_paragraph(_text(clip(item.rest, _TEXT)))] if item.rest else []
    if item.proposals:
        shown = [_text(clip(f"\n{proposal}", _TEXT)) for proposal in item.proposals]
        tail.append(_quote(_text(letter.labels.proposal, bold=True), *shown))
    if item.link:
        tail.append(_paragraph(_link(clip(item.link.text, _TEXT), item.link.url)))
    if tail:
        blocks.append(_rich(*tail))
    reasons = _reasons(item, letter)
    return [*blocks, _context(reasons)] if reasons else blocks


def _title(item: Item) -> Element:
    head = f"{_TONES[item.tone]}{clip(item.title, _TEXT)}"
    parts = [_text(head, bold=True)]
    small = " · ".join(part for part in (item.kind, item.due, *item.marks) if part)
    return _paragraph(*parts, _text(f"\n{clip(small, _TEXT)}"))


def _table(table: Table, letter: Letter) -> Iterable[Block]:
    """A bullet a row: Slack's own tables show neither on every phone nor in notifications."""
    if table.caption:
        yield _rich(_paragraph(_text(clip(table.caption, _TEXT), bold=True)))
    lines = rows.lines(table, _TONES)
    yield from (_rich(_bullets(packed)) for packed in _packed(lines[:_ROWS]))
    if len(lines) > _ROWS:
        yield _rich(_paragraph(_text(letter.labels.left_out)))


def _packed(lines: Iterable[Line]) -> list[list[Element]]:
    """The lines in lists that each stay below the limit of a section."""
    lists: list[list[Element]] = []
    used = SECTION
    for line in lines:
        shown = _line(line)
        length = len("".join(_spans(shown))) + 1
        if used + length > SECTION:
            lists.append([])
            used = 0
        lists[-1].append(shown)
        used += length
    return lists


def _line(line: Line) -> Element:
    head = clip(line.head, 160)
    spans = [_text(f"{clip(line.lead, 100)} → ")] if line.lead else []
    spans.append(_link(head, line.url) if line.url else _text(head, bold=True))
    spans.append(_text(f" ({clip(line.about, 200)})") if line.about else _text(""))
    spans.append(_text(f": {clip(line.badge, 100)}", bold=True) if line.badge else _text(""))
    dots = f"{_dots(line.progress)}  " if line.progress and line.progress.of <= _DOTS else ""
    rest = [f"{dots}{line.text}", *line.notes]
    spans += [_text(f"\n{clip(text, _TEXT)}") for text in rest if text]
    return _paragraph(*(span for span in spans if span["text"]))


def _dots(progress: Progress) -> str:
    left = max(progress.of - progress.done - progress.booked, 0)
    return "●" * progress.done + "◐" * progress.booked + "○" * left


def _reasons(item: Item, letter: Letter) -> str:
    lines = [f"{each.label}: {each.value} ({each.as_of}, {each.source})" for each in item.figures]
    lines += [f"{letter.labels.why}: {item.why}"] if item.why else []
    lines += [f"{letter.labels.next}: {item.next}"] if item.next else []
    return "\n".join(clip(line, 2 * _TEXT) for line in lines)


def _compact(items: Iterable[Item], letter: Letter) -> Block:
    spans = [_text(letter.labels.further, bold=True)]
    room = SECTION - 200
    for item in items:
        line = f"\n{clip(item.title, 120)}, {clip(item.due, 60)}".rstrip(", ")
        if len(line) > room:
            spans.append(_text("\n…"))
            break
        room -= len(line)
        spans.append(_text(line))
    return _rich(_paragraph(*spans))


def _fallback(letter: Letter) -> str:
    # The one place Slack reads as mrkdwn: control characters are escaped, after the cut.
    lines = (clip(letter.banner, _TEXT), letter.subject, *(item.title for item in letter.items))
    text = clip("\n".join(line for line in lines if line), _FALLBACK)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(letter: Letter) -> Block:
    badge = f" · {_TONES[letter.tone]}{clip(letter.badge, HEADER // 3)}" if letter.badge else ""
    text = clip(letter.heading, HEADER - len(badge)) + badge
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}


def _rich(*elements: Element) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _paragraph(*spans: Element) -> Element:
    return {"type": "rich_text_section", "elements": list(spans)}


def _quote(*spans: Element) -> Element:
    return {"type": "rich_text_quote", "elements": list(spans)}


def _bullets(paragraphs: list[Element]) -> Element:
    return {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": paragraphs}


def _text(text: str, bold: bool = False) -> Element:
    return {"type": "text", "text": text, "style": {"bold": True}} if bold else {"type": "text", "text": text}


def _link(text: str, url: str) -> Element:
    return {"type": "link", "url": url, "text": text, "style": {"bold": True}}


def _said(block: Block) -> Iterable[str]:
    if block["type"] == "header":
        yield block["text"]["text"]
    elif block["type"] == "context":
        yield from (element["text"] for element in block["elements"])
    else:
        yield from ("".join(_spans(element)) for element in block.get("elements", ()))


def _spans(element: Element) -> Iterable[str]:
    if "text" in element:
        yield element["text"]
    for part in element.get("elements", ()):
        yield from _spans(part)

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
from notifications.render import rows, slack_actions, slack_reference
from notifications.render.item import Item, Letter, Line, Progress, Table, Tone
from notifications.render.literal import clip
from notifications.render.slack_said import Block, Element, literal, size, texts, weight
from notifications.render.slack_said import as_text as as_text  # noqa: PLC0414 - who renders a post reads it too
from notifications.render.view import NudgesView

BLOCKS = 50
SECTION = 3000
HEADER = 150
# For all blocks together no limit is documented; a longer post would not be read.
CHARACTERS = 11_000
# As they are sent; Slack refuses somewhere above 13,000.
WEIGHT = 12_500
_FALLBACK = 1500
_TEXT = 300
_DOTS = 12
_ROWS = 15
# What the frame needs after the items: the compact list, "more", the footer.
_KEPT_FOR_FRAME = 6
_FRAME, _REST = 1500, 1500
_TONES: dict[Tone, str] = {"over": "🔴 ", "due": "🟠 ", "calm": ""}


@dataclass(frozen=True, slots=True)
class RenderedPost:
    """`text` is what notifications and old clients show."""

    text: str
    blocks: tuple[Block, ...]


def post(view: NudgesView) -> RenderedPost:
    """A digest or an urgent message."""
    letter = letters.letter(view)
    shown = slack_reference.nudges(letter, view) if view.posting.reference else letter
    return laid_out(shown, buttons=view.posting.buttons)


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


def laid_out(letter: Letter, *, buttons: bool = True) -> RenderedPost:
    """The neutral model as blocks, within Slack's limits whatever the names are."""
    blocks: list[Block] = []
    if letter.banner:
        blocks.append(_rich(_paragraph(_text(clip(letter.banner, 2 * _TEXT), bold=True))))
    blocks.append(_header(letter))
    blocks.append(_rich(_paragraph(_text("\n".join(filter(None, (letter.kind, letter.intro)))))))
    blocks += _items(letter, blocks, buttons=buttons)
    if letter.more:
        blocks.append(_rich(_paragraph(_text(letter.more))))
    if letter.footer:
        blocks.append(_context(clip(" ".join(letter.footer), 1000)))
    return RenderedPost(_fallback(letter), tuple(blocks))


def _items(letter: Letter, frame: list[Block], *, buttons: bool) -> list[Block]:
    """Every item: in full with its buttons while there is room, then by title and date."""
    made: list[Block] = []
    rows_of = slack_actions.Rows()
    room, left = CHARACTERS - sum(map(size, frame)), WEIGHT - weight(frame) - _FRAME
    for number, item in enumerate(letter.items):
        full = _item(item, letter, buttons=buttons)
        rest = letter.items[number:]
        spare = BLOCKS - _KEPT_FOR_FRAME - len(frame) - len(made) - len(full)
        reserve = _REST if len(rest) > 1 else 0
        if spare < 0 or sum(map(size, full)) > room - SECTION or weight(full) > left - reserve:
            return [*made, _compact(rest, letter, left), _rich(_paragraph(_text(letter.labels.left_out)))]
        room, left = room - sum(map(size, full)), left - weight(full)
        added = rows_of.of(item, spare, left - reserve) if buttons else []
        left -= weight(added)
        made += [*full, *added]
    return made


def _item(item: Item, letter: Letter, *, buttons: bool) -> list[Block]:
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
    tail += [] if buttons else slack_actions.links(item)
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
        length = len("".join(texts(shown))) + 1
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


def _compact(items: Iterable[Item], letter: Letter, room: int) -> Block:
    lines: list[str] = []
    room = min(room, SECTION) - 200
    for item in items:
        line = f"\n{clip(item.title, 120)}, {clip(item.due, 60)}".rstrip(", ")
        if len(line) > room:
            lines.append("\n…")
            break
        room -= len(line)
        lines.append(line)
    return _rich(_paragraph(_text(letter.labels.further, bold=True), _text("".join(lines))))


def _fallback(letter: Letter) -> str:
    # Escaped after the cut.
    lines = (clip(letter.banner, _TEXT), letter.subject, *(item.title for item in letter.items))
    text = clip("\n".join(line for line in lines if line), _FALLBACK)
    return literal(text)


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

"""The buttons of a post: a row for each nudge, and what a row becomes once somebody has acted.

The row is `n:<nudge>`, a button `kamflow:<act>`. Customers' text stands in plain text only.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from notifications.render.item import Action, Actions, Item
from notifications.render.literal import clip
from notifications.render.slack_said import Block, Element, weight

ROW, LABEL, ACT = "n:", "a:", "kamflow:"
MENU = "menu"  # the act of a menu; the option that was chosen says which one is meant
# These only lead somewhere; Slack tells us of the click all the same.
LEADING = frozenset({"page", "crm", "briefing"})
_BUTTON, _ABOUT, _MENU = 75, 150, 5


class Rows:
    """The rows of one post, as long as there is room: a nudge has one row, however often it is told."""

    def __init__(self) -> None:
        self._taken: set[int] = set()

    def of(self, item: Item, blocks: int, characters: int) -> list[Block]:
        """The rows of an item within the blocks and characters that are left."""
        once = {each.nudge: each for each in reversed(item.actions)}
        known = [once.pop(each.nudge) for each in item.actions if each.nudge in once]
        wanted = [each for each in known if each.actions and each.nudge not in self._taken]
        for short in (len(wanted) > 1, True):
            made = [block for each in wanted for block in row(each, short=short)]
            if len(made) <= blocks and weight(made) <= characters:
                self._taken |= {each.nudge for each in wanted if each.nudge}
                return made
        return []


def row(actions: Actions, *, short: bool = False) -> list[Block]:
    """What can be done about one nudge; short: the first button, everything else in a menu."""
    shown = [each for each in actions.actions if each.url or each.act not in LEADING]
    if not shown:
        return []
    elements = list(_short(shown, actions.nudge) if short else _all(shown, actions.nudge))
    made: Block = {"type": "actions", "elements": elements}
    if not actions.nudge:
        return [made]
    made["block_id"] = f"{ROW}{actions.nudge}"
    return [_label(actions), made] if actions.about else [made]


def links(item: Item) -> list[Element]:
    """The same as links: where no click of a post reaches us."""
    found = [each for actions in item.actions for each in actions.actions if each.url]
    spans: list[Element] = []
    for each in found if len(item.actions) == 1 else ():
        spans += [{"type": "text", "text": " · "}] if spans else []
        spans.append({"type": "link", "url": each.url, "text": clip(each.text, _BUTTON)})
    return [{"type": "rich_text_section", "elements": spans}] if spans else []


def settled(blocks: Sequence[Block], lines: dict[int, str]) -> list[Block]:
    """The blocks of a post with the rows of these nudges replaced by what became of them."""
    return [_settled(block, lines) for block in blocks]


def nudge_of(block_id: str) -> int | None:
    """The nudge whose row this is."""
    number = block_id.removeprefix(ROW)
    return int(number) if block_id.startswith(ROW) and number.isascii() and number.isdecimal() else None


def rows_in(blocks: Iterable[Block]) -> Iterator[int]:
    """The nudges that still have buttons in a post."""
    for block in blocks:
        number = nudge_of(str(block.get("block_id", "")))
        if number is not None and block["type"] == "actions":
            yield number


def _settled(block: Block, lines: dict[int, str]) -> Block:
    number = nudge_of(str(block.get("block_id", "")))
    if number is None or number not in lines:
        return block
    return {"type": "context", "block_id": f"{ROW}{number}", "elements": [_plain(f"✓ {lines[number]}", 1000)]}


def _all(actions: Sequence[Action], nudge: int) -> Iterator[Element]:
    for number, each in enumerate(actions):
        if each.act == "snooze":
            yield {
                "type": "datepicker",
                "action_id": f"{ACT}snooze",
                "placeholder": _plain(each.text, 150),
            }
        else:
            yield _button(each, nudge, first=number == 0)


def _short(actions: Sequence[Action], nudge: int) -> Iterator[Element]:
    yield _button(actions[0], nudge, first=True)
    rest = actions[1 : 1 + _MENU]
    if rest:
        options = [_option(each, nudge) for each in rest]
        yield {"type": "overflow", "action_id": f"{ACT}{MENU}", "options": options}


def _button(action: Action, nudge: int, *, first: bool) -> Element:
    made: dict[str, Any] = {
        "type": "button",
        "action_id": f"{ACT}{action.act}",
        "text": _plain(action.text, _BUTTON),
        "value": str(nudge),
    }
    if first and nudge:
        made["style"] = "primary"
    if action.act in LEADING:
        made["url"] = action.url
    return made


def _option(action: Action, nudge: int) -> Element:
    made: dict[str, Any] = {"text": _plain(action.text, _BUTTON), "value": f"{action.act}:{nudge}"}
    if action.act in LEADING:
        made["url"] = action.url
    return made


def _label(actions: Actions) -> Block:
    return {
        "type": "context",
        "block_id": f"{LABEL}{actions.nudge}",
        "elements": [_plain(actions.about, _ABOUT)],
    }


def _plain(text: str, most: int) -> Element:
    # Without `emoji`: a customer's ":fire:" stays as it was written.
    return {"type": "plain_text", "text": clip(text, most), "emoji": False}

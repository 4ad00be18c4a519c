"""Does Slack take these blocks? The block types of Block Kit with their limits, and what goes across them."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from kamflow.demo.slack.checks import (
    Check,
    anything,
    flag,
    listed,
    number,
    one_of,
    problem,
    shape,
    string,
    text,
    typed,
    url,
)
from kamflow.demo.slack.elements import ACCESSORY, ACTION, IMAGE, INPUT

MOST_BLOCKS = 50
# Not documented; senders measured about 13,200 (slackapi/bolt-js#2509).
MOST_CHARACTERS = 13_200

_RICH_LEAVES = ("text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "color", "date", "team")
_RICH_TEXTS = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")


def _block(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    return shape({"type": anything, **required}, {"block_id": string(255), **(optional or {})})


def _section(value: object, at: str) -> Iterator[str]:
    fields = listed(text(2000), 10)
    more = {"text": text(3000), "fields": fields, "accessory": ACCESSORY, "expand": flag}
    yield from _block({}, more)(value, at)
    if isinstance(value, dict) and not ("text" in value or "fields" in value):
        yield problem("missing required field: text", at)


def _actions(value: object, at: str) -> Iterator[str]:
    yield from _block({"elements": listed(ACTION, 25)})(value, at)
    elements = value.get("elements") if isinstance(value, dict) else None
    yield from _doubled("action_id", elements, f"{at}/elements")


def _rich_item(value: object, at: str) -> Iterator[str]:
    # Its leaves carry many optional fields; what we check is that their types exist.
    nested = _rich_item if isinstance(value, dict) and value.get("type") == "rich_text_list" else _rich_leaf
    if isinstance(value, dict) and value.get("type") in (*_RICH_TEXTS, "rich_text_list"):
        yield from listed(nested, 1000, least=0)(value.get("elements"), f"{at}/elements")
    else:
        yield problem("unsupported type", at)


def _rich_leaf(value: object, at: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("type") not in _RICH_LEAVES:
        yield problem("unsupported type", at)


BLOCKS: dict[str, Check] = {
    "section": _section,
    "divider": _block({}),
    "header": _block({"text": text(150, plain=True)}),
    "actions": _actions,
    "context": _block(
        {
            "elements": listed(
                typed(dict.fromkeys(("mrkdwn", "plain_text"), text(3000)) | {"image": IMAGE}), 10
            )
        }
    ),
    "image": _block(
        {"alt_text": string(2000)},
        {"image_url": url, "slack_file": anything, "title": text(2000, plain=True)},
    ),
    "input": _block(
        {"label": text(2000, plain=True), "element": INPUT},
        {"hint": text(2000, plain=True), "optional": flag, "dispatch_action": flag},
    ),
    "rich_text": _block({"elements": listed(_rich_item, 1000)}),
    "markdown": _block({"text": string(12_000)}),
    "video": _block(
        {
            "alt_text": string(2000),
            "title": text(200, plain=True),
            "thumbnail_url": url,
            "video_url": url,
        },
        {
            "title_url": url,
            "description": text(200, plain=True),
            "author_name": string(50),
            "provider_name": string(255),
            "provider_icon_url": url,
        },
    ),
    "file": _block({"external_id": string(255), "source": one_of("remote")}, {"file_id": number}),
}


def problems(blocks: object, at: str = "/blocks", most: int = MOST_BLOCKS) -> list[str]:
    """Everything Slack would object to, in its words; an empty list: it takes them."""
    found = list(listed(typed(BLOCKS), most, least=0)(blocks, at))
    return found + list(_doubled("block_id", blocks, at))


def too_long(blocks: list[dict[str, Any]]) -> bool:
    """Slack would answer `msg_blocks_too_long`."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > MOST_CHARACTERS


def _doubled(key: str, items: object, at: str) -> Iterator[str]:
    if not isinstance(items, list):
        return
    counts = Counter(item[key] for item in items if isinstance(item, dict) and isinstance(item.get(key), str))
    for value, count in counts.items():
        if count > 1:
            yield problem(f"{key} already exists: {value}", at)

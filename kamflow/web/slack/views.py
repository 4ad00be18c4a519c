"""Modals: what stands in them. Names are plain text; `private_metadata` carries ids only."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from kamflow.acts.log import KINDS
from kamflow.store.pickers import Choice
from kamflow.web.slack.member import Member, Words
from notifications.render.literal import clean, clip
from notifications.render.slack_said import Block, Element

CALLBACK = "kamflow:"
BOXES = 10  # check boxes Slack takes; more people stand in a menu
MOST = 100


@dataclass(frozen=True)
class Place:
    """Where a modal was opened: on a post (channel, ts), from one's list (channel), or on the Home tab."""

    act: str
    nudge: int | None = None
    account: int | None = None
    channel: str | None = None
    ts: str | None = None

    def kept(self) -> str:
        """As a modal carries it."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})

    @classmethod
    def of(cls, kept: str) -> "Place":
        return cls(**json.loads(kept))


def modal(
    words: Words, place: Place, title: str, blocks: list[Block], *, send: bool = True
) -> dict[str, Any]:
    """A modal with a title of ours."""
    made: dict[str, Any] = {
        "type": "modal",
        "callback_id": f"{CALLBACK}{place.act}",
        "title": plain(words.label(title), 24),
        "close": plain(words.label("close"), 24),
        "private_metadata": place.kept(),
        "blocks": blocks,
    }
    return made | ({"submit": plain(words.label("save"), 24)} if send else {})


def contact(
    me: Member, place: Place, account: str, people: Sequence[Choice], *, chosen: bool, day: date | None
) -> dict[str, Any]:
    """Who was met (is to be met), when, how; `chosen`: all of them, unless somebody takes them out."""
    title = "book_title" if place.act == "book" else "contact_title"
    blocks = [note(account)] if account else []
    return modal(me.words, place, title, [*blocks, *_when_and_who(me, people, chosen=chosen, day=day)])


def choose_account(
    me: Member, place: Place, accounts: Sequence[Choice], chosen: int | None, people: Sequence[Choice]
) -> dict[str, Any]:
    """The modal of `/kam log`: first the customer, then its people."""
    words = me.words
    blocks = [_account(words, accounts, chosen)]
    if chosen is None:
        blocks.append(note(words.label("first_account")))
        return modal(words, place, "contact_title", blocks, send=True)
    if not people:
        blocks.append(note(words.label("nobody_there")))
        return modal(words, place, "contact_title", blocks, send=True)
    who, *rest = _when_and_who(me, people, chosen=False, day=me.today)
    # Another name with another customer, or Slack would keep whom one had chosen there.
    who = {**who, "block_id": f"contacts:{chosen}"}
    return modal(words, place, "contact_title", [*blocks, who, *rest])


def snooze(me: Member, place: Place) -> dict[str, Any]:
    """Until when."""
    return modal(me.words, place, "snooze_title", [asked("day", me.words.label("day"), _day(me.words, None))])


def hand_over(me: Member, place: Place, people: Sequence[Choice]) -> dict[str, Any]:
    """To whom: the first hundred stand in groups of letters where there are more."""
    field = asked("to", me.words.label("to"), _menu(me.words, people))
    return modal(me.words, place, "hand_over_title", [field])


def too_much(me: Member, place: Place, planned: Sequence[tuple[int, str, int]]) -> dict[str, Any]:
    """How often each of them is meant to be met."""
    fields = [
        asked(
            f"soll:{number}",
            clip(clean(name), 150),
            {
                "type": "number_input",
                "is_decimal_allowed": False,
                "initial_value": str(soll),
                "min_value": "0",
                "max_value": "366",
            },
        )
        for number, name, soll in planned[:MOST]
    ]
    return modal(me.words, place, "too_much_title", [note(me.words.label("too_much_text")), *fields])


def told(me: Member, place: Place, title: str, blocks: list[Block]) -> dict[str, Any]:
    """A modal that only says something."""
    return modal(me.words, place, title, blocks, send=False)


def note(text: str) -> Block:
    """A line of text."""
    return {"type": "section", "text": plain(text, 3000)}


def asked(name: str, label: str, element: Element) -> Block:
    """A field; its block and its element have one name."""
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 150),
        "element": {**element, "action_id": name},
    }


def options(choices: Sequence[Choice]) -> list[Element]:
    """As a menu takes them."""
    return [{"text": plain(text, 75), "value": str(number)} for number, text in choices[:MOST]]


def plain(text: str, most: int) -> Element:
    """A text that Slack shows as it is."""
    return {"type": "plain_text", "text": clip(clean(text).strip() or "–", most), "emoji": False}


def _account(words: Words, accounts: Sequence[Choice], chosen: int | None) -> Block:
    found = options(accounts)
    element: Element = {"placeholder": plain(words.label("choose"), 150)}
    if len(accounts) < MOST and found:
        element |= {"type": "static_select", "options": found}
    else:
        element |= {"type": "external_select", "min_query_length": 0}
    initial = [each for each in found if each["value"] == str(chosen)]
    if initial:
        element["initial_option"] = initial[0]
    return {**asked("account", words.label("account"), element), "dispatch_action": True}


def _when_and_who(me: Member, people: Sequence[Choice], *, chosen: bool, day: date | None) -> list[Block]:
    words = me.words
    found = options(people)
    if len(found) <= BOXES:
        who: Element = {"type": "checkboxes", "options": found}
    else:
        who = {
            "type": "multi_static_select",
            "options": found,
            "placeholder": plain(words.label("choose"), 150),
        }
    if chosen:
        who["initial_options"] = found
    kinds = [(kind, words("kind", kind)) for kind in KINDS]
    how: Element = {
        "type": "static_select",
        "options": [{"text": plain(text, 75), "value": kind} for kind, text in kinds],
    }
    how["initial_option"] = how["options"][0]
    when = asked("day", words.label("day"), _day(words, day))
    return [
        asked("contacts", words.label("contacts"), who),
        {**when, "hint": plain(words.label("day_hint"), 150)},
        asked("kind", words.label("kind"), how),
    ]


def _day(words: Words, day: date | None) -> Element:
    made: Element = {"type": "datepicker", "placeholder": plain(words.label("choose"), 150)}
    return made | ({"initial_date": day.isoformat()} if day else {})


def _menu(words: Words, choices: Sequence[Choice]) -> Element:
    """A menu of any length: Slack takes a hundred options, and a hundred groups of them."""
    made: Element = {"type": "static_select", "placeholder": plain(words.label("choose"), 150)}
    if len(choices) <= MOST:
        return made | {"options": options(choices)}
    groups = [choices[at : at + MOST] for at in range(0, len(choices), MOST)]
    return made | {
        "option_groups": [
            {"label": plain(f"{group[0][1]} … {group[-1][1]}", 75), "options": options(group)}
            for group in groups[:MOST]
        ]
    }

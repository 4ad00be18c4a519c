"""One's own list in Slack: what is open, the nearest date first, each with its buttons.

It shows nobody else's (works council), and not what was put off or handed over.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from kamflow.store import my_list
from kamflow.web.site import Site
from kamflow.web.slack.member import Member
from kamflow.web.slack.views import note, plain
from notifications import views
from notifications.links import internal_link
from notifications.outbox import NORMAL, Claimed
from notifications.render import letter as letters
from notifications.render import slack_reference
from notifications.render.item import Actions, Item
from notifications.render.slack import WEIGHT
from notifications.render.slack_actions import ACT, row
from notifications.render.slack_said import Block, Element, weight

MOST = 20


@dataclass(frozen=True)
class Found:
    """What is open: each nudge as a message would say it; `more` are not shown."""

    items: tuple[tuple[int, Item], ...]
    more: int

    @property
    def count(self) -> int:
        return len(self.items) + self.more


def of(session: Session, site: Site, me: Member) -> Found:
    """One's open nudges."""
    loud = [
        each
        for each in my_list.of(session, me.person)
        if each.given_to is None and not (each.silent_until and each.silent_until > me.today)
    ]
    if not loud:
        return Found((), 0)
    message = claimed(me, [each.id for each in loud[:MOST]])
    known = views.load(session, [message], site.settings, me.now)
    view = views.nudges_view(message, known.recipients[me.person], known, site.settings, me.now)
    if view is None:
        return Found((), 0)
    letter = letters.letter(view)
    if view.posting.reference:
        letter = slack_reference.nudges(letter, view)
    numbers = [nudge.id for item in view.items for nudge in item.nudges]
    return Found(tuple(zip(numbers, letter.items, strict=True)), len(loud) - len(numbers))


def shown(site: Site, me: Member, notice: str = "") -> dict[str, Any]:
    """The answer to `/kam`: the list, after a line of what just happened."""
    with site.reading() as session:
        found = of(session, site, me)
    text = me.words("listed", found.count) if found.count else me.words.answer("nothing_open")
    return {"text": text, "blocks": blocks(site, me, found, notice)}


def blocks(site: Site, me: Member, found: Found, notice: str = "", room: int = WEIGHT) -> list[Block]:
    """The list as blocks, as far as there is room."""
    made: list[Block] = [note(notice)] if notice else []
    made.append(_bold(me.words("listed", found.count) if found.count else me.words.answer("nothing_open")))
    shown = 0
    for number, item in found.items:
        entry = [{"type": "divider"}, _said(number, item), *_row(number, item)]
        if weight(made) + weight(entry) > room:
            break
        made, shown = [*made, *entry], shown + 1
    left = found.count - shown
    return [*made, *_end(site, me, left)]


def claimed(me: Member, nudges: list[int]) -> Claimed:
    """The digest that would tell all of it, each nudge by itself; it is written nowhere."""
    lines = [{"nudges": [{"id": each, "reason": "due"}]} for each in nudges]
    facts = {"day": me.today.isoformat(), "occasion": "daily", "more": 0, "items": lines}
    return as_message("nudges", "digest", facts, me)


def as_message(kind: str, template: str, facts: dict[str, Any], me: Member) -> Claimed:
    """A message that is in no outbox, to be read by one person now."""
    return Claimed(
        id=0,
        key="",
        kind=kind,
        channel="slack",
        template=template,
        facts=facts,
        person=me.person,
        contact=None,
        priority=NORMAL,
        attempt=0,
        mail_id=None,
        instead_of=None,
        until=me.now,
        unsure=False,
    )


def _said(number: int, item: Item) -> Block:
    small = " · ".join(part for part in (item.kind, item.due, f"#{number}") if part)
    title = {"type": "text", "text": plain(item.title, 300)["text"], "style": {"bold": True}}
    rest = {"type": "text", "text": f"\n{plain(small, 300)['text']}"}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [title, rest]}]}


def _row(number: int, item: Item) -> list[Block]:
    own = [each for each in item.actions if each.nudge == number]
    return row(replace(own[0], about=""), short=True) if own else row(Actions(number, ()))


def _bold(text: str) -> Block:
    spans = [{"type": "text", "text": text, "style": {"bold": True}}]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": spans}]}


def _end(site: Site, me: Member, left: int) -> list[Block]:
    page = internal_link(site.settings, "/list")
    made = [note(me.words("further", left))] if left else []
    if page is None:
        return made
    button: Element = {
        "type": "button",
        "action_id": f"{ACT}page",
        "text": plain(me.words.label("more_on_page"), 75),
        "url": page,
    }
    return [*made, {"type": "actions", "elements": [button]}]

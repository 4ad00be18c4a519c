"""`slack.detail = "reference"`: what reaches Slack says that something is due, and where to read it.

Kind of thing, account, date and how many: no contact's name, no figure, no free text. What is left out is
never in the post, so that no setting of Slack can show it.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from notifications.render.environment import module
from notifications.render.item import Actions, Item, Letter, Link
from notifications.render.literal import clean, clip
from notifications.render.view import NudgesView, NudgeView

WORDS = "slack/words.j2"
_NAMES, _LONGEST = 5, 60


def nudges(letter: Letter, view: NudgesView) -> Letter:
    """A digest or an urgent message, reduced to references."""
    words = module(view.recipient.language, WORDS)
    told = [item.nudges for item in view.items if item.nudges]
    items = tuple(_item(item, nudges, view, words) for item, nudges in zip(letter.items, told, strict=True))
    page = view.ways.own_list
    if items and page:
        # Once, at the end: it is the same for all of them.
        items = (*items[:-1], replace(items[-1], link=Link(said(words.open_page()), page)))
    more = said(words.further(view.more)) if view.more else ""
    subject = said(words.due(len(items))) if items else letter.subject
    return replace(letter, subject=subject, preheader="", items=items, more=more)


def notice(letter: Letter, language: str, page: str | None) -> Letter:
    """A message that no nudge is behind: only that it is there."""
    words = module(language, WORDS)
    text = said(words.something())
    link = Link(said(words.open_page()), page) if page else None
    return Letter(
        locale=letter.locale,
        subject=text,
        preheader="",
        banner=letter.banner,
        day="",
        heading=text,
        intro=said(words.where(page)),
        items=(Item(kind="", title="kamflow", link=link),) if link else (),
        more="",
        footer=(),
        labels=letter.labels,
    )


def said(text: object) -> str:
    """What a macro says, in one line."""
    return " ".join(str(text).split())


def _item(item: Item, nudges: tuple[NudgeView, ...], view: NudgesView, words: Any) -> Item:
    accounts = {each.id: _account(each, view) for each in nudges}
    return Item(
        kind=item.kind,
        title=_title(accounts.values()) or item.kind,
        due=item.due,
        tone=item.tone,
        rest=said(words.count(len(nudges))) if len(nudges) > 1 else "",
        actions=tuple(_named(each, accounts) for each in item.actions),
    )


def _named(actions: Actions, accounts: dict[int, str]) -> Actions:
    """A row is told from others by its account: what else it is called may be a contact or a free text."""
    return replace(actions, about=accounts.get(actions.nudge, "") if actions.about else "")


def _title(names: Iterable[str]) -> str:
    known = [name for name in dict.fromkeys(names) if name]
    more = f" (+{len(known) - _NAMES})" if len(known) > _NAMES else ""
    return ", ".join(known[:_NAMES]) + more


def _account(nudge: NudgeView, view: NudgesView) -> str:
    known = view.names.accounts.get(nudge.account or 0)
    return clip(clean(known.name if known else "").strip(), _LONGEST)

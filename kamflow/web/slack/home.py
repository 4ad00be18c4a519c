"""The Home tab of the app: one's list, and a button to log a contact."""

from typing import Any

from kamflow.web.site import Site
from kamflow.web.slack import own_list
from kamflow.web.slack.door import Door, log
from kamflow.web.slack.failures import FAILURES, named
from kamflow.web.slack.member import Member, Words, strangers
from kamflow.web.slack.views import note, plain
from notifications.render.slack_actions import ACT
from notifications.render.slack_said import Block, Element


async def opened(door: Door, slack_id: str) -> None:
    """Somebody looks at the Home tab."""
    me = await door.member(slack_id)
    if me is None:
        words = strangers(door.site)
        await _publish(door, slack_id, [note(words.answer("unknown"))])
    else:
        await publish(door, me, slack_id)


async def publish(door: Door, me: Member, slack_id: str, notice: str = "") -> None:
    """Show somebody's list as it is now, after a line of what just happened."""
    await _publish(door, slack_id, await door.work(content, door.site, me, notice))


def content(site: Site, me: Member, notice: str = "") -> list[Block]:
    """The blocks of a person's Home tab."""
    with site.reading() as session:
        found = own_list.of(session, site, me)
    title = {"type": "header", "text": plain(me.words.label("home_title"), 150)}
    return [title, _buttons(site, me.words), *own_list.blocks(site, me, found, notice)]


def _buttons(site: Site, words: Words) -> Block:
    wanted = ["refresh"] if site.settings.slack.detail == "reference" else ["log", "refresh"]
    elements: list[Element] = [
        {"type": "button", "action_id": f"{ACT}{act}", "text": plain(words.label(act), 75), "value": act}
        for act in wanted
    ]
    return {"type": "actions", "block_id": "home", "elements": elements}


async def _publish(door: Door, slack_id: str, blocks: list[Any]) -> None:
    try:
        await door.client.views_publish(user_id=slack_id, view={"type": "home", "blocks": blocks})
    except FAILURES as error:
        log.warning("slack.no_home", error=named(error))

"""What is clicked on: in a post, in one's list, on the Home tab."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kamflow.web.slack import deeds, home, opening, own_list
from kamflow.web.slack.deeds import Said
from kamflow.web.slack.door import Door
from kamflow.web.slack.member import Member, strangers
from kamflow.web.slack.views import Place
from notifications.links import internal_link
from notifications.render.slack_actions import ACT, LEADING, MENU, nudge_of
from notifications.render.slack_said import literal

# These cannot be done without saying something more.
ASKING = ("book", "hand_over", "too_much")
# Names and figures stand in the modals of these, which reference mode keeps out of Slack.
TELLING = ("contact", "book", "too_much")
# Buttons of the Home tab, about no nudge.
OWN = ("log", "refresh")


@dataclass(frozen=True)
class Click:
    """An act on a nudge; `day` is what a date picker says."""

    act: str
    nudge: int
    day: date | None = None

    @classmethod
    def of(cls, action: Mapping[str, Any]) -> "Click | None":
        """What an entry of `actions` means."""
        act = str(action.get("action_id", "")).removeprefix(ACT)
        value = str(action.get("value", ""))
        if act == MENU:
            act, _, value = str((action.get("selected_option") or {}).get("value", "")).partition(":")
        number = int(value) if value.isascii() and value.isdecimal() else None
        row = nudge_of(str(action.get("block_id", "")))
        nudge = row if row is not None else number
        day = action.get("selected_date")
        return cls(act, nudge, date.fromisoformat(day) if day else None) if nudge is not None else None


async def clicked(door: Door, body: Mapping[str, Any]) -> None:
    """Do what a click says; Slack has been answered already."""
    action = body["actions"][0]
    user = str(body["user"]["id"])
    click, own = Click.of(action), str(action.get("action_id", "")).removeprefix(ACT)
    if own not in OWN and (click is None or click.act in LEADING):
        return
    if door.again(f"{user}:{action.get('action_ts')}:{action.get('action_id')}"):
        return
    me = await door.member(user)
    if me is None:
        words = strangers(door.site)
        await door.answer(body.get("response_url"), text=words.answer("unknown"))
    elif own == "log":
        view = await door.work(opening.to_log, door.site, me, Place("log"), None)
        await door.client.views_open(trigger_id=str(body["trigger_id"]), view=view)
    elif own == "refresh":
        await home.publish(door, me, user)
    elif click is not None:
        await _acted(door, me, click, body)


async def _acted(door: Door, me: Member, click: Click, body: Mapping[str, Any]) -> None:
    place = _place(click, body)
    if place.ts is not None and place.channel is not None:
        if standing := door.posts.line(place.channel, place.ts, click.nudge):
            await show(door, me, place, Said(standing, me.words.answer("already")), body)
            return
        door.posts.saw(place.channel, place.ts, dict(body.get("message") or {}))
    done = await _done(door, me, click)
    if done is not None:
        await show(door, me, place, done, body)
        return
    if click.act in TELLING and door.site.settings.slack.detail == "reference":
        said = Said(whisper=only_there(door, me, f"/n/{click.nudge}?do={click.act.replace('_', '-')}"))
    else:
        said = await door.work(opening.opened, door.site, me, place)
    if isinstance(said, Said):
        await show(door, me, place, said, body)
    else:
        await door.client.views_open(trigger_id=str(body["trigger_id"]), view=said)


async def _done(door: Door, me: Member, click: Click) -> Said | None:
    """What a click does by itself; None where something more must be said first."""
    site, nudge = door.site, click.nudge
    if click.act in ("done", "read"):
        return await door.work(deeds.refused, site, me, deeds.done, nudge)
    if click.act == "snooze" and click.day is not None:
        return await door.work(deeds.refused, site, me, deeds.snooze, nudge, click.day)
    if click.act == "contact":
        one = await door.work(opening.only_contact, site, nudge)
        if one is not None:
            return await door.work(deeds.refused, site, me, deeds.contact, nudge, (one,))
    return None if click.act in (*ASKING, "contact", "snooze") else Said(whisper=me.words.answer("gone"))


async def show(door: Door, me: Member, place: Place, said: Said, body: Mapping[str, Any]) -> None:
    """Show what became of it where the click was, and whisper what is for the reader alone."""
    words = said.whisper or next(iter(said.errors.values()), None)
    if place.channel is None:
        await home.publish(door, me, str(body["user"]["id"]), words or said.line or "")
    elif place.ts is not None:
        if said.line:
            await door.posts.mark(place.channel, place.ts, place.nudge or 0, said.line)
        if words:
            await whisper(door, place.channel, words, body)
    elif url := body.get("response_url"):
        found = await door.work(own_list.shown, door.site, me, words or said.line or "")
        await door.answer(url, **found, replace_original=True)
    else:
        await whisper(door, place.channel, words or said.line or "", body)


async def whisper(door: Door, channel: str, words: str, body: Mapping[str, Any]) -> None:
    """Say something that only who acted can see."""
    if url := body.get("response_url"):
        await door.answer(str(url), text=literal(words))
    else:
        user = str(body["user"]["id"])
        await door.client.chat_postEphemeral(channel=channel, user=user, text=literal(words))


def only_there(door: Door, me: Member, path: str) -> str:
    """That something is said on a page of ours only, and where."""
    return " ".join(filter(None, (me.words.answer("only_page"), internal_link(door.site.settings, path))))


def _place(click: Click, body: Mapping[str, Any]) -> Place:
    container = body.get("container") or {}
    if container.get("type") != "message":
        return Place(click.act, click.nudge)
    channel, ts = container.get("channel_id"), container.get("message_ts")
    return Place(click.act, click.nudge, channel=channel, ts=None if container.get("is_ephemeral") else ts)

"""Modals that are sent: read, checked, done; what is wrong stands in the modal, by its field."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from kamflow.web.site import Site
from kamflow.web.slack import clicks, deeds, opening
from kamflow.web.slack.deeds import Said
from kamflow.web.slack.door import ACK_WITHIN, Door, log
from kamflow.web.slack.member import Member, strangers
from kamflow.web.slack.views import Place

Ack = Callable[..., Awaitable[Any]]


async def sent(door: Door, ack: Ack, body: Mapping[str, Any]) -> None:
    """Do what a modal asks for. Slack waits three seconds for what is wrong with it: what takes longer is
    done all the same, and said afterwards."""
    view = body["view"]
    place, values = Place.of(view["private_metadata"]), _values(view)
    me = await door.member(str(body["user"]["id"]))
    if me is None:
        first = next(iter(view["state"]["values"]))
        await ack(response_action="errors", errors={first: strangers(door.site).answer("unknown")})
        return
    doing = asyncio.ensure_future(door.work(_tried, door, me, place, values))
    done, _ = await asyncio.wait((doing,), timeout=ACK_WITHIN)
    if not done:
        await ack()
        await clicks.show(door, me, place, await doing, body)
        return
    said = doing.result()
    wrong = said.errors or ({"": said.whisper or ""} if said.whisper and not said.line else {})
    if wrong:
        await ack(response_action="errors", errors=_at(wrong, view))
        return
    await ack()
    if said.line or said.whisper:
        await clicks.show(door, me, place, said, body)


async def chosen_account(door: Door, body: Mapping[str, Any]) -> None:
    """A customer was chosen: show the people there."""
    view, me = body["view"], await door.member(str(body["user"]["id"]))
    option = body["actions"][0].get("selected_option") or {}
    if me is None or not str(option.get("value", "")).isdecimal():
        return
    place = Place.of(view["private_metadata"])
    shown = await door.work(opening.to_log, door.site, me, place, int(option["value"]))
    await door.client.views_update(view_id=view["id"], hash=view["hash"], view=shown)


def _tried(door: Door, me: Member, place: Place, values: Mapping[str, Any]) -> Said:
    """Do it; the modal stays open with what was entered where it fails."""
    try:
        return _deed(door, me, place, values)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said
        log.error("slack.failed", error=type(error).__name__, kind="view_submission")
        return Said(whisper=me.words.answer("trouble"))


def _deed(door: Door, me: Member, place: Place, values: Mapping[str, Any]) -> Said:
    site = door.site
    if place.act == "snooze":
        return deeds.refused(site, me, deeds.snooze, place.nudge, _day(values))
    if place.act == "hand_over":
        return deeds.refused(site, me, deeds.hand_over, place.nudge, _number(values.get("to")))
    if place.act == "too_much":
        return _targets(site, me, place, values)
    return _contact(site, me, place, values)


def _contact(site: Site, me: Member, place: Place, values: Mapping[str, Any]) -> Said:
    account = _number(values.get("account")) or place.account
    if place.nudge is None and account is None:
        return Said(errors={"account": me.words.label("first_account")})
    if place.nudge is None and not _visible(site, me, account):
        return Said(errors={"account": me.words.answer("no_account")})
    day = _day(values)
    if day is None:
        return Said(errors={"day": me.words.answer("day_needed")})
    if place.act == "book" and day <= me.today:
        return Said(errors={"day": me.words.answer("day_past")})
    who = [number for each in values.get("contacts") or () if (number := _number(each)) is not None]
    kind = str(values.get("kind") or "visit")
    return deeds.refused(site, me, deeds.contact, place.nudge, who, day, kind, account)


def _visible(site: Site, me: Member, account: int | None) -> bool:
    with site.reading() as session:
        among = opening.visible(session, me)
    return among is None or account in among


def _targets(site: Site, me: Member, place: Place, values: Mapping[str, Any]) -> Said:
    wanted: dict[int, int] = {}
    for name, value in values.items():
        number = _number(name.removeprefix("soll:"))
        soll = _number(value)
        if number is None:
            continue
        if soll is None or soll > 366:
            return Said(errors={name: me.words.answer("whole_number")})
        wanted[number] = soll
    return deeds.refused(site, me, deeds.targets, place.nudge, wanted)


def _values(view: Mapping[str, Any]) -> dict[str, Any]:
    """What was entered, by the name of its field."""
    found: dict[str, Any] = {}
    for fields in view["state"]["values"].values():
        for name, held in fields.items():
            if "selected_options" in held:
                found[name] = [each["value"] for each in held["selected_options"] or ()]
            elif "selected_option" in held:
                found[name] = (held["selected_option"] or {}).get("value")
            else:
                found[name] = held.get("selected_date") or held.get("value")
    return found


def _at(wrong: Mapping[str, str], view: Mapping[str, Any]) -> dict[str, str]:
    """Errors by the id of the block that shows them: what belongs to no field stands at the first one."""
    ids = [block["block_id"] for block in view["blocks"] if block.get("type") == "input"]
    return {
        next((each for each in ids if each == name or each.startswith(f"{name}:")), ids[0]): words
        for name, words in wrong.items()
    }


def _day(values: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(values["day"]) if values.get("day") else None


def _number(value: object) -> int | None:
    text = str(value or "") if value != 0 else "0"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None

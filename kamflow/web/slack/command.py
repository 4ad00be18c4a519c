"""`/kam`: my list, log a contact, put something off, ask why, read a briefing; in German and English."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.errors import InputError, NotAllowed
from kamflow.models.nudge import StoredNudge
from kamflow.web.site import Site
from kamflow.web.slack import brief, deeds, opening, own_list
from kamflow.web.slack.clicks import only_there
from kamflow.web.slack.deeds import Not
from kamflow.web.slack.door import Door
from kamflow.web.slack.member import Member, strangers
from kamflow.web.slack.views import Place, note
from notifications import why
from notifications.feedback import words as replies
from notifications.render.literal import clip
from notifications.render.slack_said import literal
from notifications.render.view import PersonView

COMMAND = "/kam"
# The first word, as people may say it.
WORDS = {
    "": "list",
    "list": "list",
    "liste": "list",
    "log": "log",
    "kontakt": "log",
    "contact": "log",
    "snooze": "snooze",
    "später": "snooze",
    "later": "snooze",
    "why": "why",
    "warum": "why",
    "briefing": "briefing",
    "help": "help",
    "hilfe": "help",
    "?": "help",
}
# Where it stands that may not be said in Slack.
PAGES = {"log": "/log", "briefing": "/accounts"}
_LONGEST = 2900


async def typed(door: Door, body: Mapping[str, Any]) -> None:
    """Answer a command, to whoever typed it alone."""
    url, me = body.get("response_url"), await door.member(str(body["user_id"]))
    if me is None:
        await door.answer(url, text=strangers(door.site).answer("unknown"))
        return
    first, _, rest = str(body.get("text") or "").strip().partition(" ")
    wanted = WORDS.get(first.casefold().strip("/"))
    closed = door.site.settings.slack.detail == "reference"
    if wanted == "log" and not closed:
        view = await door.work(opening.to_log, door.site, me, Place("log", channel=body["channel_id"]), None)
        await door.client.views_open(trigger_id=str(body["trigger_id"]), view=view)
        return
    if closed and wanted in ("log", "why", "briefing"):
        answer = _text(only_there(door, me, PAGES.get(wanted or "", "/list")))
    else:
        answer = await door.work(_answer, door.site, me, wanted, rest.strip())
    await door.answer(url, **answer)


def _answer(site: Site, me: Member, wanted: str | None, rest: str) -> dict[str, Any]:
    try:
        if wanted == "list":
            return own_list.shown(site, me)
        if wanted == "snooze":
            return _text(_snooze(site, me, rest))
        if wanted == "why":
            return _lines(_why(site, me, rest))
        if wanted == "briefing":
            return brief.of(site, me, rest)
    except Not as no:
        return _text(no.words)
    except NotAllowed:
        deeds.log.warning("slack.not_allowed", person=me.person, act=wanted)
        return _text(me.words.answer("not_yours"))
    possible = me.words("help", COMMAND).split("|")
    return _lines(possible if wanted == "help" else [me.words("did_not_understand"), *possible])


def _snooze(site: Site, me: Member, rest: str) -> str:
    number, _, when = rest.partition(" ")
    with site.reading() as session:
        nudge = _nudge(session, me, number).id or 0
        until = _until(session, site, me, when)
    said = deeds.refused(site, me, deeds.snooze, nudge, until)
    if said.errors or said.whisper:
        return said.whisper or next(iter(said.errors.values()))
    return me.words("snoozed", nudge, me.formats.day(until))


def _until(session: Session, site: Site, me: Member, when: str) -> date:
    try:
        asked = replies.said(when, "de", me.today)
    except replies.Undecided:
        asked = None
    if asked is None or asked.act == "done" or asked.number is not None:
        raise Not(me.words.answer("bad_day"))
    if asked.until is not None:
        return asked.until
    return days.calendar(session, me.person, me.today, site.settings.company).add(me.today, asked.days)


def _why(site: Site, me: Member, rest: str) -> list[str]:
    with site.reading() as session:
        row = _nudge(session, me, rest)
        if me.person not in rights.sees(session, row):
            raise NotAllowed("an assistant acts, but does not read")
        reader = PersonView(me.person, me.name, me.language, me.zone)
        return why.text(why.explain(session, row, reader, site.settings, me.now, me.today))


def _nudge(session: Session, me: Member, number: str) -> StoredNudge:
    """A nudge of one's own by its number; others' are as if they were not there."""
    plain = number.strip().lstrip("#").rstrip(".")
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 10):
        raise Not(me.words.answer("no_nudge"))
    row = session.get(StoredNudge, int(plain))
    if row is None:
        raise Not(me.words.answer("no_nudge"))
    try:
        rights.for_nudge(session, me.person, row, "ask about it", me.today)
    except InputError:
        deeds.log.warning("slack.not_allowed", person=me.person, act="ask")
        raise Not(me.words.answer("no_nudge")) from None
    return row


def _text(text: str) -> dict[str, Any]:
    return {"text": literal(text), "blocks": [note(text)]}


def _lines(lines: list[str]) -> dict[str, Any]:
    text = clip("\n".join(lines), _LONGEST)
    return {"text": literal(lines[0]), "blocks": [{"type": "section", "text": _as_is(text)}]}


def _as_is(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}

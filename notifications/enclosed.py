"""What goes with a mail: the page of a briefing, the calendar entry of a meeting."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from kamflow.settings import Settings
from kamflow.store.names import Names
from kamflow.store.recipients import Recipient
from notifications.message import Mail, Part, SlackPost, mailbox
from notifications.outbox import Claimed
from notifications.papers import BRIEFING, Papers
from notifications.render import briefing_page, ics
from notifications.render.house import House
from notifications.reported import REPORT

log = structlog.get_logger()


def page(
    message: Claimed, facts: Mapping[str, Any], language: str, settings: Settings, names: Names
) -> Part | None:
    """A briefing as one page of paper. None for all else, and where it cannot be made: the mail goes."""
    if message.template != BRIEFING:
        return None
    try:
        made = briefing_page.page(facts, language, names, House.of(settings))
    except Exception:
        log.exception("briefing.no_page", message=message.id, round=facts["round"])
        return None
    return Part(made, "application/pdf", briefing_page.filename(facts, names))


def beside(message: Claimed, *made: Part | None) -> Mapping[str, Any]:
    """What the mail of a briefing or report says of its page."""
    return {"page": "attached" if any(made) else "failed"} if message.template in (BRIEFING, REPORT) else {}


def entry(
    message: Claimed,
    papers: Papers,
    reader: Recipient | None,
    settings: Settings,
    names: Names,
    now: datetime,
) -> Part | None:
    """The calendar entry that a message is about.

    Where everything goes to one address it is a plain attachment: that calendar is not the reader's.
    """
    if message.kind != "calendar" or reader is None or not reader.email:
        return None
    talk = papers.talks.get(message.facts.get("round", 0))
    made = ics.entry(
        message.facts,
        talk.starts_at if talk else None,
        ics.Parties(mailbox(settings.smtp.sender), mailbox(reader.email), reader.name),
        reader.language,
        names,
        now,
        message.template,
    )
    if settings.delivery.mode == "redirect":
        return Part(made, "application/ics", "meeting.ics")
    kind = f"text/calendar; method={message.facts['method'].upper()}; charset=utf-8"
    return Part(made, kind, "meeting.ics", alternative=True)


def within(made: Mail | SlackPost, *parts: Part | None) -> Mail | SlackPost:
    """A mail with these parts; a post carries none."""
    if isinstance(made, SlackPost):
        return made
    return replace(made, parts=(*made.parts, *(part for part in parts if part is not None)))

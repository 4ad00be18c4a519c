"""From a stored message to what is rendered: ids become the nudges and names of this moment.

Here is the check of the kind `nudges`: what was closed, handed over or silenced since the message was
composed is left out, and a message without a line left is not sent.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from kamflow.settings import Settings
from kamflow.store import broken_glass, data_age, drafts_sent, names, recipients
from kamflow.store.mentions import MENTIONS, mentioned
from kamflow.store.names import Names
from kamflow.store.recipients import Content, Recipient
from notifications import papers, reported, ways
from notifications.outbox import Claimed
from notifications.papers import Papers
from notifications.render import speech
from notifications.render.view import ItemView, NudgesView, NudgeView, PausedView, PersonView, Posting
from notifications.reported import Whole

GLASS = "break_glass"
_NAMING = (*papers.KINDS, "notice", "alert")  # kinds whose facts mention by id what is named


@dataclass(frozen=True)
class Known:
    """All that a batch of messages needs, loaded at once."""

    recipients: Mapping[int, Recipient]
    contents: Mapping[int, Content]
    names: Names
    papers: Papers = field(default_factory=Papers)
    reasons: Mapping[int, str] = field(default_factory=dict)
    reports: Mapping[int, Whole] = field(default_factory=dict)
    drafts: Mapping[tuple[int, int], int] = field(default_factory=dict)
    old: Mapping[str, str] = field(default_factory=dict)


def load(session: Session, batch: Iterable[Claimed], settings: Settings, now: datetime) -> Known:
    batch = list(batch)
    day = now.astimezone(ZoneInfo(settings.company.zone)).date()
    lines = [line for message in batch if message.kind == "nudges" for line in _lines(message)]
    found = _readers(session, (each.person for each in batch if each.person is not None), settings)
    contents = recipients.contents(session, (line["id"] for line in lines))
    looks = [message.facts["event"] for message in batch if message.template == GLASS]
    named = _names(session, batch, contents.values(), found, settings)
    about = papers.load(session, batch, day)
    reasons = broken_glass.reasons(session, looks)
    reports = reported.load(session, batch, settings.company)
    talks = {each.facts["round"] for each in contents.values() if "goes_out" in each.facts}
    drafts = drafts_sent.by_round(session, found, talks)
    old = _old(session, batch, day, settings)
    return Known(found, contents, named, about, reasons, reports, drafts, old)


def _names(
    session: Session,
    batch: Iterable[Claimed],
    contents: Collection[Content],
    readers: Mapping[int, Recipient],
    settings: Settings,
) -> Names:
    """All that is named, in these messages and in the nudges they tell."""
    wanted: dict[str, set[int]] = {kind: set() for kind in MENTIONS.values()}
    about = [content.facts for content in contents]
    for facts in (*about, *(each.facts for each in batch if each.kind in _NAMING)):
        for kind, number in mentioned(facts):
            wanted[kind].add(number)
    wanted["accounts"] |= {content.account for content in contents if content.account is not None}
    for content in contents:
        wanted["persons"] |= {content.owner, content.responsible}
    lines = (line for message in batch if message.kind == "nudges" for line in _lines(message))
    wanted["persons"] |= {line["for_person"] for line in lines if line.get("for_person") is not None}
    wanted["persons"] -= readers.keys()
    named = names.load(session, crm_source=settings.crm.source, **wanted)
    return replace(named, persons={**{each.id: each.name for each in readers.values()}, **named.persons})


def _old(session: Session, batch: Iterable[Claimed], day: date, settings: Settings) -> Mapping[str, str]:
    """The sources whose data is too old at this moment, with what they are called."""
    if not any(each.kind == "nudges" and each.facts.get("paused") for each in batch):
        return {}
    found = data_age.ages(session, day, settings.company.zone)
    return {each.source: data_age.called(each) for each in found if each.too_old}


def _readers(session: Session, persons: Iterable[int], settings: Settings) -> dict[int, Recipient]:
    """Our own people, spoken to as colleagues are here."""
    form = settings.company.colleagues
    return recipients.recipients(session, persons, lambda language: speech.addressed(language, form))


def notice_facts(message: Claimed, known: Known) -> Mapping[str, Any]:
    """What a notice says: its facts, and the free text that stands in a row of its own."""
    if message.template != GLASS:
        return message.facts
    return {**message.facts, "reason": known.reasons.get(message.facts["event"], "–")}


def nudges_view(
    message: Claimed,
    reader: Recipient,
    known: Known,
    settings: Settings,
    now: datetime,
    *,
    redirected_from: str | None = None,
    answered: bool = False,
) -> NudgesView | None:
    """The digest or urgent message as it is to be read now; None where nothing of it is open."""
    today = now.astimezone(zone(reader, settings)).date()
    loud = (
        [line for line in item["nudges"] if _open(line, reader.id, known, today)]
        for item in message.facts["items"]
    )
    items = tuple(
        ItemView(tuple(nudge_view(line, known.contents[line["id"]]) for line in lines))
        for lines in loud
        if any(not line.get("along") for line in lines)
    )
    paused = tuple(_paused(message, known))
    if not items and not paused:
        return None
    told = [nudge for item in items for nudge in item.nudges]
    drafts = {talk: number for (person, talk), number in known.drafts.items() if person == reader.id}
    return NudgesView(
        recipient=PersonView(reader.id, reader.name, reader.language, reader.zone),
        day=date.fromisoformat(message.facts["day"]),
        items=items,
        names=known.names,
        company=settings.company.name,
        occasion=message.facts["occasion"],
        more=message.facts["more"],
        without_kam=message.facts.get("without_kam", 0),
        paused=paused,
        back=message.facts.get("back", False),
        account_url=settings.crm.account_url,
        currency=settings.company.currency,
        redirected_from=redirected_from,
        answered=answered,
        posting=posting(settings),
        ways=ways.to_nudges(settings, reader, told, known.names, drafts, now),
    )


def _paused(message: Claimed, known: Known) -> Iterator[PausedView]:
    """What reminders still wait for."""
    for each in message.facts.get("paused", ()):
        if each["source"] in known.old:
            day, rules = date.fromisoformat(each["day"]), tuple(each["rules"])
            yield PausedView(known.old[each["source"]], day, rules)


def posting(settings: Settings) -> Posting:
    """What may stand in a post of this home."""
    known = settings.slack
    return Posting(known.detail == "reference", bool(known.app_token or known.signing_secret))


def zone(reader: Recipient, settings: Settings) -> ZoneInfo:
    try:
        return ZoneInfo(reader.zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo(settings.company.zone)


def _open(line: Mapping[str, Any], reader: int, known: Known, today: date) -> bool:
    content = known.contents.get(line["id"])
    if line["reason"] == "ladder":
        # Whether a silence stops the ladder was decided when it was composed.
        return content is not None
    if content is None or (content.silent_until is not None and today < content.silent_until):
        return False
    return content.responsible == (line.get("for_person") or reader)


def nudge_view(line: Mapping[str, Any], content: Content) -> NudgeView:
    """One nudge as a line of a message tells it."""
    return NudgeView(
        id=content.id,
        rule=content.rule,
        step=content.step,
        stage=content.stage,
        account=content.account,
        owner=content.owner,
        since=content.since,
        due_on=content.due_on,
        urgency=content.urgency,
        weight=content.weight,
        facts=content.facts,
        why=content.why,
        reason=line["reason"],
        reminder=line.get("reminder", 0),
        for_person=line.get("for_person"),
        overdue=line.get("overdue"),
        rung=line.get("rung", 0),
        closes_by=content.closes_by,
    )


def _lines(message: Claimed) -> Iterator[Mapping[str, Any]]:
    return (line for item in message.facts["items"] for line in item["nudges"])

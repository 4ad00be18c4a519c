"""Open nudges become messages in the outbox: one transaction, so nothing is told that is not written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Engine
from sqlmodel import Session

from kamflow import spans
from kamflow.models.person import Role
from kamflow.policy import Policy, Starting
from kamflow.settings import Settings
from kamflow.store import adopted, calendars, data_age, go_live, messages, people, starting, tellings
from kamflow.store.engine import lock, write
from kamflow.store.people import People
from kamflow.store.tellings import LastDigest
from notifications import notices, outbox
from notifications.cadence.decide import NEVER, Announcement, Line, decide, due_digests
from notifications.cadence.paused import Old, Paused, old_ones
from notifications.cadence.pausing import noted, parted
from notifications.cadence.sponsors import few, spared
from notifications.cadence.start import STARTED, Start
from notifications.outbox import NORMAL, URGENT, NewMessage

# How long before and after today absences matter: the second day back, the next working day.
DAYS_AROUND = timedelta(days=120)
# A department's lead is told some working days before a date: what is due later cannot climb yet.
CLIMBS_BEFORE = timedelta(days=60)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Composed:
    """Messages put into the outbox, and how many nudges they tell; `off`: delivery.mode is off."""

    messages: int = 0
    told: int = 0
    off: bool = False


def compose(engine: Engine, now: datetime, settings: Settings, policy: Policy) -> Composed:
    """Write what is to be told at this moment into the outbox; doing it again adds nothing.

    With `delivery.mode = off` nothing is told: what is open is told once it is switched on. Nor before the
    day of going live; then comes one welcome a person, and nudges after the shadow.

    Raises:
        NotAdopted: this home is a copy.
    """
    with spans.span("compose"), write(engine) as session:
        lock(session, "compose")
        adopted.require(session, settings.home)
        made, written = within(session, now, settings, policy)
    for number, each in written.items():
        log.info("message.composed", message=number, template=each.template, trace=each.trace)
    return made


def within(
    session: Session, now: datetime, settings: Settings, policy: Policy
) -> tuple[Composed, Mapping[int, Announcement]]:
    """`compose` in a transaction that holds the lock "compose", of a home that may."""
    if settings.delivery.mode == "off":
        return Composed(off=True), {}
    if not starting.live(policy.starting, _today(now, settings)):
        return Composed(), {}
    everybody = people.load(session, settings.company, *_days_around(now))
    others = notices.compose(session, everybody, now, settings, policy)
    found = _decide(session, everybody, now, settings, policy)
    written = _write(session, found, everybody, now, settings)
    return Composed(others + len(written), sum(len(each.told) for each in written.values())), written


def _today(now: datetime, settings: Settings) -> date:
    return now.astimezone(ZoneInfo(settings.company.zone)).date()


def _days_around(now: datetime) -> tuple[date, date]:
    today = now.astimezone(UTC).date()
    return today - DAYS_AROUND, today + DAYS_AROUND


def _decide(
    session: Session, everybody: People, now: datetime, settings: Settings, policy: Policy
) -> list[Announcement]:
    quiet = calendars.quiet_weeks(policy.cadence, settings.company)
    last = tellings.last_digests(session)
    start = _start(session, policy.starting, settings)
    readers = due_digests(everybody, last, now, policy.cadence, quiet, start)
    # What else may climb is read only where somebody reads to whom it could.
    climbs = any(everybody[each].leads or Role.HEAD in everybody[each].roles for each in readers)
    horizon = _today(now, settings) + CLIMBS_BEFORE if climbs else None
    asked = tellings.urgent_since(session, _month(now, settings))
    nudges = tellings.open_nudges(session, readers, horizon)
    nudges = spared(nudges, everybody, asked, policy.sponsors)
    paused = _paused(session, readers, now, settings)
    told, held = parted(nudges, paused)
    found = decide(told, everybody, last, now, policy.cadence, quiet, start)
    found = noted(found, told, held, paused, everybody, readers, now, policy.cadence, start)
    found = few(found, everybody, asked, policy.sponsors)
    return [_weekly(session, each, everybody, last, policy) for each in found]


def _paused(session: Session, readers: Iterable[int], now: datetime, settings: Settings) -> Paused:
    """The data that is too old now, and what readers know of it."""
    found = data_age.ages(session, _today(now, settings), settings.company.zone)
    persons = set(readers)
    return Paused(old_ones(found), tellings.said_paused(session, persons) if persons else {})


def _weekly(
    session: Session,
    said: Announcement,
    everybody: People,
    last: Mapping[int, LastDigest],
    policy: Policy,
) -> Announcement:
    """The first digest of a head of KAM in a week says how many accounts nobody looks after."""
    before = last.get(said.person, NEVER).composed
    again = before is not None and before.isocalendar()[:2] == said.day.isocalendar()[:2]
    if said.template != "digest" or Role.HEAD not in everybody[said.person].roles or again:
        return said
    return replace(said, without_kam=len(go_live.without_kam(session, policy, said.day)))


def _start(session: Session, policy: Starting, settings: Settings) -> Start:
    first = starting.told_from(policy, settings.company)
    if first is None:
        return STARTED
    return Start(first, policy.ramp_days, policy.ramp_items, starting.welcomed(session))


def _month(now: datetime, settings: Settings) -> datetime:
    """The first moment of the company's month."""
    zone = ZoneInfo(settings.company.zone)
    return datetime.combine(_today(now, settings).replace(day=1), time(), zone)


def _write(
    session: Session,
    announcements: Iterable[Announcement],
    everybody: People,
    now: datetime,
    settings: Settings,
) -> dict[int, Announcement]:
    """Add messages and their tellings; what had been composed before is left as it is."""
    said = list(announcements)
    ways = [outbox.channel(everybody[each.person].channel, settings) for each in said]
    added = outbox.add_many(session, list(map(_message, said, ways)), now)
    written = {added.pop(each.key): each for each in said if each.key in added}
    digests = [number for number, each in written.items() if each.template == "digest"]
    if digests:
        messages.supersede(session, digests, tellings.SUPERSEDED, now)
    tellings.tell(session, (row for number, each in written.items() for row in _rows(each, number)))
    return written


def _message(announcement: Announcement, channel: str) -> NewMessage:
    return NewMessage(
        key=announcement.key,
        kind="nudges",
        channel=channel,
        template=announcement.template,
        facts={
            "day": announcement.day.isoformat(),
            "occasion": announcement.occasion,
            "items": [{"nudges": [_fact(line) for line in item]} for item in announcement.items],
            "more": announcement.more,
        }
        | ({"without_kam": announcement.without_kam} if announcement.without_kam else {})
        | ({"back": True} if announcement.back else {})
        | ({"paused": [_waiting(each) for each in announcement.paused]} if announcement.paused else {}),
        person=announcement.person,
        priority=URGENT if announcement.template == "now" else NORMAL,
        trace=announcement.trace,
    )


def _waiting(old: Old) -> dict[str, Any]:
    return {"source": old.source, "day": old.day.isoformat(), "rules": sorted(old.rules)}


def _fact(line: Line) -> dict[str, Any]:
    fact = {"id": line.nudge, "reason": line.reason, "number": line.number, "for_person": line.for_person}
    fact |= {"along": True} if line.along else {}
    if line.overdue is not None:
        fact |= {"overdue": line.overdue, "rung": line.number}
    return fact | ({"reminder": line.reminder} if line.reminder else {})


def _rows(announcement: Announcement, message: int) -> Iterable[Mapping[str, Any]]:
    return [
        {
            "nudge_id": line.nudge,
            "person_id": announcement.person,
            "number": line.number,
            "reason": line.reason,
            "stage": line.stage,
            "told_on": announcement.day,
            "message_id": message,
        }
        for line in announcement.told
    ]

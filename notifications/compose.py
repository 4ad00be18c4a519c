"""Open nudges become messages in the outbox: one transaction, so nothing is told that is not written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.policy import Cadence, Policy
from kamflow.settings import Settings
from kamflow.store import adopted, calendars, messages, people, tellings
from kamflow.store.engine import lock, write
from kamflow.store.people import Member, People
from notifications import outbox
from notifications.cadence.decide import Announcement, Line, decide, due_digests
from notifications.outbox import NORMAL, URGENT, NewMessage

# How long before and after today absences matter: the second day back, the next working day.
DAYS_AROUND = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Composed:
    """Messages put into the outbox, and how many nudges they tell; `off`: delivery.mode is off."""

    messages: int = 0
    told: int = 0
    off: bool = False


def compose(engine: Engine, now: datetime, settings: Settings, policy: Policy) -> Composed:
    """Write what is to be told at this moment into the outbox; doing it again adds nothing.

    With `delivery.mode = off` nothing is told: what is open is told once it is switched on.

    Raises:
        NotAdopted: this home is a copy.
    """
    with write(engine) as session:
        lock(session, "compose")
        adopted.require(session, settings.home)
        if settings.delivery.mode == "off":
            return Composed(off=True)
        everybody = people.load(session, settings.company, *_days_around(now))
        found = _decide(session, everybody, now, settings, policy.cadence)
        written = _write(session, found, everybody, now, settings)
    return Composed(len(written), sum(len(each.told) for each in written.values()))


def _days_around(now: datetime) -> tuple[date, date]:
    today = now.astimezone(UTC).date()
    return today - DAYS_AROUND, today + DAYS_AROUND


def _decide(
    session: Session, everybody: People, now: datetime, settings: Settings, policy: Cadence
) -> list[Announcement]:
    quiet = calendars.quiet_weeks(policy, settings.company)
    last = tellings.last_digests(session)
    readers = due_digests(everybody, last, now, policy, quiet)
    nudges = tellings.open_nudges(session, readers)
    return decide(nudges, everybody, last, now, policy, quiet)


def _channel(member: Member, settings: Settings) -> str:
    return "slack" if member.channel == "slack" and settings.slack.token else "email"


def _write(
    session: Session,
    announcements: Iterable[Announcement],
    everybody: People,
    now: datetime,
    settings: Settings,
) -> dict[int, Announcement]:
    """Add messages and their tellings; what had been composed before is left as it is."""
    written: dict[int, Announcement] = {}
    for each in announcements:
        channel = _channel(everybody[each.person], settings)
        number = outbox.add(session, _message(each, channel), now)
        if number is not None:
            written[number] = each
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
        },
        person=announcement.person,
        priority=URGENT if announcement.template == "now" else NORMAL,
    )


def _fact(line: Line) -> dict[str, Any]:
    fact = {"id": line.nudge, "reason": line.reason, "number": line.number, "for_person": line.for_person}
    fact |= {"along": True} if line.along else {}
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

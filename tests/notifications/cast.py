"""People and nudges for the tests of the cadence, as plain values."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.policy import Cadence
from kamflow.store.people import Member, People
from kamflow.store.tellings import LastDigest, OpenNudge, Told
from kamflow.workdays import Quiet, Span, calendar, with_absences
from notifications.cadence.decide import Announcement, decide

POLICY = Cadence()
QUIET = Quiet()
ANNA, BEN, CLARA, HEAD = 1, 2, 3, 4
MONDAY = date(2026, 9, 7)


def at(day: date, clock: str = "08:30", zone: str = "Europe/Berlin") -> datetime:
    """That local time as an instant in UTC."""
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def member(
    person: int = ANNA,
    *,
    absences: Iterable[Span] = (),
    weekdays: str = "12345",
    region: str | None = "NW",
    zone: str = "Europe/Berlin",
    **more: Any,
) -> Member:
    away = tuple(absences)
    usual = calendar("DE", region, map(int, weekdays))
    return Member(person, usual, with_absences(usual, away), ZoneInfo(zone), away, **more)


def people(*members: Member) -> People:
    return People({each.id: each for each in members})


def nudge(number: int = 1, **more: Any) -> OpenNudge:
    values = {
        "item": f"item-{number}",
        "responsible": ANNA,
        "opened_on": MONDAY,
        "staged_on": more.get("opened_on", MONDAY),
        "due_on": date(2026, 9, 21),
        "weight": 1.0,
    }
    return OpenNudge(number, **(values | more))


def told(on: date, reason: str = "opened", number: int = 1, person: int = ANNA, **more: Any) -> Told:
    return Told(person, number, reason, more.pop("stage", ""), on, **more)


def announced(
    nudges: Iterable[OpenNudge],
    now: datetime,
    *members: Member,
    last: Mapping[int, date] | None = None,
) -> list[Announcement]:
    """What is told at that moment; `last` is the day of each person's last digest."""
    digests = {person: LastDigest(day, day) for person, day in (last or {}).items()}
    return decide(nudges, people(*(members or (member(),))), digests, now, POLICY, QUIET)


def said(announcements: Iterable[Announcement]) -> list[tuple[int, str]]:
    """(nudge, reason) of everything that counts as told."""
    return [(line.nudge, line.reason) for each in announcements for line in each.told]

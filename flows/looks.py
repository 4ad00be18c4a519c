"""What can be wrong, looked at one by one: each look says what is wrong now, and nothing about before.

A trouble is opened once it has been seen for `wait` seconds, or has been one since `since` for as long; one
that is open goes on as long as it is seen. Facts are ids and figures.
"""

import shutil
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from flows.runtime import Home
from kamflow.schedules import SCHEDULES
from kamflow.store import (
    channel_health,
    clock_jobs,
    data_age,
    owed,
    places,
    refused_posts,
    run_troubles,
    told_operations,
    waiting_events,
)
from kamflow.store.incidents import Known
from notifications import operations
from notifications.cadence.paused import paused_rules
from notifications.channels.slack_answers import OURS
from notifications.envelope import OPERATIONS

FLOWS = tuple(dict.fromkeys(schedule.flow for schedule in SCHEDULES))
MEGABYTE = 1_000_000
CANCELLED_WAIT = 900.0  # who stopped a run knows; what does not come again is worth a word
JOB_WAIT = 60.0
POSTS_LATELY = timedelta(days=1)  # long enough to be told once, and whether it goes on
EVENTS_LATE, EVENTS_WAIT = timedelta(hours=1), 900.0  # the latter once Prefect is there


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong; `key` is what it is about, after the kind of look that sees it."""

    key: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    wait: float = 0.0
    since: datetime | None = None


def runs(session: Session, home: Home, now: datetime, known: Mapping[str, Known]) -> Iterator[Trouble]:
    """Runs that failed, by the ledger or by the word of Prefect, and were not made up for; runs too long."""
    seen: set[str] = set()
    for each in run_troubles.broken(session):
        facts = {"cause": each.cause, "error": each.error, "run": each.run}
        seen.add(f"run:{each.flow}")
        yield Trouble(f"run:{each.flow}", "run", facts, CANCELLED_WAIT if each.cause == "cancelled" else 0)
    for key, told in known.items():
        # A run that died before it wrote anything: only Prefect's hook knows of it.
        unseen = key.startswith("run:") and key not in seen
        if unseen and not run_troubles.finished_after(session, told.about, told.facts.get("run", 0)):
            yield Trouble(key, "run", told.facts)
    limit = timedelta(minutes=home.settings.operations.long_minutes)
    for flow, since in run_troubles.long_ones(session, now - limit, FLOWS):
        yield Trouble(f"long:{flow}", "long", {"at": since.isoformat()})


def dues(session: Session, home: Home, now: datetime, known: Set[str]) -> Iterator[Trouble]:
    """Days that a flow owes: today's is late, an older one is missing. After a failed run it is no news."""
    minutes, zone = home.settings.operations.late_minutes, home.settings.company.zone
    today = now.astimezone(ZoneInfo(zone)).date()
    failed = {each.flow for each in run_troubles.broken(session) if f"due:{each.flow}" not in known}
    for flow in (each for each in FLOWS if each not in failed):
        days = owed.owed(session, flow, now, zone, timedelta(minutes=minutes))
        if days and not owed.at_work(session, flow):
            kind = "late" if days[0] == today else "missing"
            # After a stop kamflow asks for the runs by itself: they have their time once it stands.
            wait = min(minutes, 15) * 60.0
            yield Trouble(f"due:{flow}", kind, {"day": days[0].isoformat(), "days": len(days)}, wait)


def events(session: Session, now: datetime) -> Iterator[Trouble]:
    """Flows that do not begin though events wait for them: nobody takes the runs, or each ends in vain."""
    for flow in waiting_events.standing(session, now - EVENTS_LATE):
        yield Trouble(f"events:{flow}", "late", {}, EVENTS_WAIT)


def channels(session: Session, home: Home, now: datetime) -> Iterator[Trouble]:
    """Ways out by which nothing goes, posts Slack does not take, and where it refuses those to operations."""
    settings = home.settings
    late = timedelta(minutes=settings.operations.channel_minutes)
    kind = OPERATIONS if settings.delivery.mode == "off" else None
    for way in ("email", *(["slack"] if settings.slack.token else [])):
        found = channel_health.down(session, way, now, late, kind)
        if found is not None:
            wait = late.total_seconds()
            since = None if found.cause == channel_health.NOT_TRIED else found.since
            yield Trouble(f"channel:{way}", "channel", {"cause": found.cause}, wait, since)
    if cause := refused_posts.newest(session, OURS, now - POSTS_LATELY):
        yield Trouble("channel:posts", "channel", {"cause": cause})
    for way in operations.ways(settings):
        if refused := told_operations.refused(session, way):
            yield Trouble(operations.REFUSED[way], "channel", {"cause": refused.cause})


def data(session: Session, home: Home, now: datetime) -> Iterator[Trouble]:
    """Sources whose data is older than their limit, and the rules that wait for it."""
    zone = home.settings.company.zone
    for each in data_age.ages(session, now.astimezone(ZoneInfo(zone)).date(), zone):
        if each.too_old:
            facts = {
                "source": each.source,
                "day": min(each.old.values()).isoformat(),
                "limit": each.limit_days,
                "rules": sorted(paused_rules(each)),
            }
            yield Trouble(f"data:{each.source}", "data", facts)


def room(session: Session, home: Home, known: Set[str]) -> Iterator[Trouble]:
    """The disk of the home and the size of the database; what is open ends with something to spare."""
    limits = home.settings.operations
    free = shutil.disk_usage(home.settings.home).free // MEGABYTE
    if free < limits.disk_free_mb * (1.1 if "disk:home" in known else 1.0):
        yield Trouble("disk:home", "disk", {"mb": free})
    taken = places.database_bytes(session) // MEGABYTE
    if taken > limits.database_mb * (0.95 if "database:kamflow" in known else 1.0):
        yield Trouble("database:kamflow", "database", {"mb": taken})


def backup(session: Session, home: Home, now: datetime) -> Iterator[Trouble]:
    """A backup that is too old, or was never made."""
    days = home.settings.operations.backup_days
    last, begun = places.last_backup(session), places.begun(session)
    reference = last or begun
    if days and reference is not None and now - reference > timedelta(days=days):
        day = last.astimezone(ZoneInfo(home.settings.company.zone)).date().isoformat() if last else None
        yield Trouble("backup:home", "backup", {"day": day})


def jobs(session: Session) -> Iterator[Trouble]:
    """Jobs of the clock that fail again and again."""
    for each in clock_jobs.all_of_them(session):
        if each.failed >= clock_jobs.FAILS:
            yield Trouble(f"clock:{each.job}", "clock", {"cause": each.cause}, JOB_WAIT)

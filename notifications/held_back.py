"""What holds back everything a person would be told today: delivery, the start, absence, rhythm, pauses."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import calendars, concerned, starting, tellings
from kamflow.store.people import Member
from kamflow.store.run import Accounts
from kamflow.store.tellings import LastDigest
from kamflow.workdays import Quiet
from notifications.cadence.rhythm import digest_due

_AHEAD = 70  # days in which the next digest is looked for
_DAY = timedelta(days=1)


def telling(
    session: Session, member: Member, accounts: Accounts, now: datetime, settings: Settings, policy: Policy
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Codes of notifications/silence_words.py with their figures."""
    today = now.astimezone(member.zone).date()
    if settings.delivery.mode == "off":
        yield "off", {}
    if settings.delivery.mode == "redirect":
        yield "redirect", {"to": settings.delivery.redirect_to or settings.operations_email or "?"}
    first = starting.told_from(policy.starting, settings.company)
    if not starting.live(policy.starting, today):
        yield "not_live", {"day": policy.starting.go_live}
    elif first is not None and today < first:
        yield "shadow", {"day": first - _DAY}
    yield from _presence(session, member, now, settings, policy)
    for account, until in concerned.pauses(session, accounts, today):
        yield "paused_until", {"account": account, "day": until}


def _presence(
    session: Session, member: Member, now: datetime, settings: Settings, policy: Policy
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    today = now.astimezone(member.zone).date()
    quiet = calendars.quiet_weeks(policy.cadence, settings.company)
    if member.left(today):
        yield "left", {}
        return
    if member.absent(today):
        yield "absent", {"day": max(last for first, last in member.absences if first <= today <= last)}
    elif not member.works(today):
        yield "day_off", {}
    if today in quiet:
        yield "quiet_weeks", {}
    last = tellings.last_digests(session).get(member.id, LastDigest())
    if member.digest == "none":
        yield "no_digest", {}
        return
    if last.composed == today:
        yield "digest_done", {}
    day = _next_digest(member, last, now, policy, quiet)
    if day is not None and day > today:
        yield "next_digest", {"day": day}


def _next_digest(
    member: Member, last: LastDigest, now: datetime, policy: Policy, quiet: Quiet
) -> date | None:
    clock, today = policy.cadence.digest_at, now.astimezone(member.zone).date()
    for ahead in range(_AHEAD):
        day = today + ahead * _DAY
        at = max(datetime.combine(day, clock, member.zone), now.astimezone(member.zone))
        if at.date() == day and digest_due(member, last, at, policy.cadence, quiet):
            return day
    return None

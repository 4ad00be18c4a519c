"""When a person reads: working hours, the days of the digest, and what happens to a missed one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kamflow.policy import Cadence
from kamflow.store.people import Member
from kamflow.store.tellings import LastDigest
from kamflow.workdays import Quiet

_DAY = timedelta(days=1)
_TUESDAY = 1
# So far a working day is looked for before today; whoever works less often gets no catch-up label.
_LOOK_BACK = 31


@dataclass(frozen=True, slots=True)
class Slot:
    """A digest that is due. `day`: from when it was; `missed`: the one before, if it was left out."""

    day: date
    missed: date | None
    returning: bool


def local(member: Member, now: datetime) -> datetime:
    return now.astimezone(member.zone)


def can_hear(member: Member, now: datetime, policy: Cadence) -> bool:
    """Tell whether something urgent may reach the person now: a working day, within office hours."""
    at = local(member, now)
    return member.works(at.date()) and policy.now_from <= at.time() < policy.now_until


def reads(member: Member, now: datetime, policy: Cadence, quiet: Quiet) -> bool:
    """Tell whether the person may be written to now: a working day of theirs, from the digest's hour on."""
    at = local(member, now)
    return policy.digest_at <= at.time() < policy.now_until and _open(member, at.date(), policy, quiet)


def digest_due(member: Member, last: LastDigest, now: datetime, policy: Cadence, quiet: Quiet) -> Slot | None:
    """The digest that is due to the person now, on time or late."""
    today = local(member, now).date()
    if not reads(member, now, policy, quiet) or (last.composed is not None and last.composed >= today):
        return None
    nominal = _nominal(member, today)
    if nominal is None or (last.kept is not None and last.kept >= nominal):
        return None
    day = next(each for each in _days(nominal, today) if _open(member, each, policy, quiet))
    returning = member.days_back(today) == policy.return_digest_on
    return Slot(day, _missed(member, last, nominal, policy, quiet), returning)


def _missed(member: Member, last: LastDigest, nominal: date, policy: Cadence, quiet: Quiet) -> date | None:
    before = _nominal(member, nominal - _DAY)
    if before is None or (last.kept is not None and last.kept >= before):
        return None
    days = _days(before, nominal - _DAY)
    return next((day for day in days if _open(member, day, policy, quiet)), None)


def _open(member: Member, day: date, policy: Cadence, quiet: Quiet) -> bool:
    """Tell whether a digest may come: at work, no quiet weeks, not just back from an absence."""
    if day in quiet or not member.works(day):
        return False
    back = member.days_back(day)
    return back is None or back >= policy.return_digest_on


def _nominal(member: Member, today: date) -> date | None:
    """The last day up to today on which the rhythm has a digest, were every such day a working day."""
    if member.digest == "daily":
        back = (today - n * _DAY for n in range(_LOOK_BACK))
        return next((day for day in back if member.works(day)), None)
    if member.digest == "monday":
        return today - today.weekday() * _DAY
    if member.digest == "first-tuesday":
        this = _first_tuesday(today)
        return this if this <= today else _first_tuesday(today.replace(day=1) - _DAY)
    return None


def _first_tuesday(day: date) -> date:
    first = day.replace(day=1)
    return first + (_TUESDAY - first.weekday()) % 7 * _DAY


def _days(first: date, last: date) -> Iterator[date]:
    return (first + n * _DAY for n in range((last - first).days + 1))

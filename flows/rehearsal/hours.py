"""What happens when on a rehearsed day: flows at night, messages in everybody's morning, acts at noon."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from kamflow.policy import Cadence
from kamflow.schedules import SCHEDULES, Schedule, due_times

Kind = Literal["run", "tell", "act"]
NOON = time(12)
_DAY = timedelta(days=1)


class Moment(NamedTuple):
    """Something to do; `what` names the flow of a run."""

    at: datetime
    kind: Kind
    what: str = ""


def of_day(
    day: date, rules: Iterable[str], zones: Iterable[ZoneInfo], cadence: Cadence, zone: ZoneInfo
) -> list[Moment]:
    """The moments of a day in `zone`, the company's, in order."""
    first, last = _moment(day, time(), zone), _moment(day + _DAY, time(), zone)
    known = set(rules)
    runs = [
        Moment(
            at.replace(tzinfo=ZoneInfo(each.zone) if each.zone else zone).astimezone(UTC), "run", each.flow
        )
        for each in SCHEDULES
        if each.flow in known
        for at in _times(each, day)
    ]
    told = {
        _moment(local, clock, own)
        for own in set(zones)
        for local in (day - _DAY, day, day + _DAY)
        for clock in (cadence.now_from, cadence.digest_at)
    }
    moments = [*runs, *(Moment(at, "tell") for at in told), Moment(_moment(day, NOON, zone), "act")]
    return sorted((each for each in moments if first <= each.at < last), key=lambda each: each.at)


def _times(schedule: Schedule, day: date) -> Iterator[datetime]:
    """When a flow starts on the day before, the day and the day after, in its own zone."""
    for at in due_times(schedule, day - _DAY):
        if at.date() > day + _DAY:
            return
        yield at


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)

"""Which flow runs when: flow -> cron, as plain data.

A flow runs at night, the intake first, so that the rules see what it brought and people find the result in
the morning. Nothing starts between 01:00 and 03:30 local time: when the clocks change, such an hour comes
twice or not at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile

from cronsim import CronSim, CronSimError

from kamflow.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a flow runs: five cron fields in the local time of `zone`, None for the company's zone."""

    flow: str
    cron: str
    zone: str | None = None


SCHEDULES = (
    Schedule("intake", "0 4 * * *"),
    Schedule("plan_creation", "0 5 * * *"),
    Schedule("contact_shortfall", "15 5 * * *"),
    Schedule("annual_meeting", "17 5 * * *"),
    Schedule("survey_dispatch", "18 5 * * *"),
    Schedule("quarterly_controlling", "20 5 * * *"),
    Schedule("measure_followup", "25 5 * * *"),
    # Nightly, so that a refusal is known the next morning; the specialist's list comes in their own rhythm.
    Schedule("department_requests", "30 5 * * *"),
)


def due_days(schedule: Schedule, first: date, last: date) -> list[date]:
    """Return the local days from `first` to `last`, both included, on which the flow is due, in order."""
    times = takewhile(lambda at: at.date() <= last, due_times(schedule, first))
    return list(dict.fromkeys(at.date() for at in times))


def due_times(schedule: Schedule, first: date) -> Iterator[datetime]:
    """Yield the local times, without zone, from `first` on (ConfigError where the cron line is wrong)."""
    # CronSim yields what lies after its start, so midnight itself needs a start before it.
    before = datetime.combine(first, time()) - timedelta(seconds=1)
    try:
        return CronSim(schedule.cron, before)
    except CronSimError as error:
        wrong = f"schedule of {schedule.flow}: {schedule.cron!r}: {error}; expected such as '0 5 * * 1-5'"
        raise ConfigError(wrong) from None

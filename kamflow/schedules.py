"""Which flow runs when: flow -> cron, and event -> flows, as plain data.

A flow runs at night, the intake first, so that the rules see what it brought and people find the result in
the morning. Nothing starts between 01:00 and 03:30 local time: when the clocks change, such an hour comes
twice or not at all.
"""

from collections.abc import Iterator, Mapping
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

REQUESTED = "run.requested"  # {flow, as_of}: somebody of operations asks for a whole run of a day

_RULES = tuple(each.flow for each in SCHEDULES if each.flow != "intake")

# What an event sets in motion, at once and for its accounts only: the flows whose facts it changes, as far as
# somebody waits for what follows. `nudge.*` starts none, or a flow would start itself.
STARTS: Mapping[str, tuple[str, ...]] = {
    "interaction.held": ("contact_shortfall",),
    "interaction.booked": ("contact_shortfall",),
    "interaction.cancelled": ("contact_shortfall",),
    "plan.created": ("plan_creation",),
    "plan.filled": ("plan_creation",),
    "plan.imported": ("plan_creation",),
    "plan.submitted": ("plan_creation",),
    "plan.approved": ("plan_creation",),
    "plan.returned": ("plan_creation",),
    "question.added": ("plan_creation",),
    "question.answered": ("plan_creation",),
    "question.changed": ("plan_creation",),
    "meeting.booked": ("annual_meeting", "plan_creation", "survey_dispatch", "contact_shortfall"),
    "meeting.moved": ("annual_meeting", "plan_creation", "survey_dispatch", "contact_shortfall"),
    "meeting.cancelled": ("annual_meeting", "plan_creation", "survey_dispatch", "contact_shortfall"),
    "meeting.changed": ("annual_meeting", "plan_creation", "survey_dispatch", "contact_shortfall"),
    "meeting.held": ("annual_meeting", "survey_dispatch", "contact_shortfall"),
    "meeting.agreed": ("annual_meeting", "survey_dispatch"),
    "meeting.month": ("annual_meeting", "plan_creation", "survey_dispatch"),
    "briefing.released": ("annual_meeting",),
    "survey.answered": ("survey_dispatch",),
    "survey.objected": ("survey_dispatch",),
    "survey.struck": ("survey_dispatch",),
    "survey.stopped": ("survey_dispatch",),
    "complaint.added": ("survey_dispatch",),
    "complaint.closed": ("survey_dispatch",),
    "revenue.imported": ("quarterly_controlling",),
    "revenue.complete": ("quarterly_controlling",),
    "quarter.commented": ("quarterly_controlling",),
    "measure.agreed": ("measure_followup",),
    "measure.done": ("measure_followup",),
    "measure.moved": ("measure_followup",),
    "measure.changed": ("measure_followup",),
    "request.asked": ("department_requests",),
    "request.moved": ("department_requests",),
    "request.delivered": ("department_requests", "annual_meeting"),
    "request.refused": ("department_requests", "annual_meeting"),
    "person.absent": _RULES,
    "person.back": _RULES,
    "account.handed_over": _RULES,
    "account.paused": _RULES,
    "account.resumed": _RULES,
    "policy.changed": _RULES,
    "target.changed": ("contact_shortfall",),
}


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

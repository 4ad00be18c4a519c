"""Annual meetings in a rehearsal: how many come up, and which cannot be prepared in time."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from flows.rehearsal.record import Record
from flows.runtime import Home
from kamflow.models.nudge import StoredNudge
from kamflow.store import calendars

RULE = "annual_meeting"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Meetings:
    """`arranged`: came up to be arranged; `missed`: their month was over without a date; `short`: fewer
    working days for the agenda than the policy gives, because the date was fixed late."""

    arranged: int = 0
    missed: int = 0
    short: int = 0


def meetings(session: Session, record: Record, home: Home) -> Meetings:
    """Count the nudges of the days that were played."""
    arranged = _steps(session, record, "arrange")
    company, policy = calendars.company_calendar(home.settings.company), home.policy.annual_meeting
    return Meetings(
        arranged=len(arranged),
        missed=sum(stage == "month_passed" for _, _, stage in arranged),
        short=sum(
            company.count(since + _DAY, due_on) < policy.agenda_days
            for since, due_on, _ in _steps(session, record, "agenda")
        ),
    )


def _steps(session: Session, record: Record, step: str) -> list[tuple[date, date, str]]:
    nudge: Any = StoredNudge
    rows = session.execute(
        select(col(nudge.since), col(nudge.due_on), col(nudge.stage))
        .where(col(nudge.rule) == RULE, col(nudge.step) == step)
        .where(col(nudge.id) > record.begun["nudge"])
    )
    return [(since, due_on, stage) for since, due_on, stage in rows]

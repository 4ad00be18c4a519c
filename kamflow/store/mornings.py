"""When a message that can wait is due: in the morning of its reader's next working day out of quiet weeks."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from kamflow.models.person import Person
from kamflow.store import calendars, starting
from kamflow.store.run import Run
from kamflow.workdays import with_absences

AHEAD = timedelta(hours=1)


class Mornings:
    """Working days and zones of some readers, read at once."""

    def __init__(self, run: Run, readers: Iterable[int]) -> None:
        people = set(readers)
        self._today = run.today
        quiet = calendars.quiet_weeks(run.policy.cadence, run.company)
        self._quiet = quiet.spans(range(run.today.year - 1, run.today.year + 2))
        self._at = run.policy.cadence.digest_at
        self._told = starting.told_from(run.policy.starting, run.company)
        self._ramp = run.policy.starting.ramp_days
        self._company = ZoneInfo(run.company.zone)
        self._days = calendars.of_people(run.session, people, run.company)
        rows = run.session.execute(select(col(Person.id), col(Person.zone)).where(col(Person.id).in_(people)))
        self._zones = dict(rows.tuples().all())

    def of(
        self,
        reader: int,
        until: date | None = None,
        begins: datetime | None = None,
        not_before: date | None = None,
    ) -> datetime:
        """The next morning at work; where that is after `until`, one in quiet weeks, else this one.

        Later it is of no use; what `until` has passed for is in no hurry any more. What is of use before
        something begins comes an hour before it at the latest.
        """
        until = until if until is not None and until >= self._today else None
        at_work = self._days[reader]
        day = with_absences(at_work, self._quiet).on_or_after(max(self._today, not_before or self._today))
        if until is not None and day > until:
            day = at_work.on_or_after(self._today)
        if until is not None and day > until:
            day = self._today
        morning = datetime.combine(day, self._at, self._zone(reader))
        return morning if begins is None else min(morning, begins - AHEAD)

    def ahead(self, reader: int, count: int) -> list[date]:
        """The next mornings at work, quiet weeks and the days of a gentle start left out."""
        at_work = with_absences(self._days[reader], self._quiet)
        gently = self._today if self._told is None else at_work.add(self._told, self._ramp)
        days = [at_work.on_or_after(max(self._today, gently))]
        while len(days) < count:
            days.append(at_work.on_or_after(days[-1] + timedelta(days=1)))
        return days[:count]

    def day(self, reader: int, moment: datetime) -> date:
        """The reader's date at a moment."""
        return moment.astimezone(self._zone(reader)).date()

    def _zone(self, reader: int) -> ZoneInfo:
        try:
            return ZoneInfo(self._zones[reader])
        except (KeyError, ValueError, OSError):
            return self._company

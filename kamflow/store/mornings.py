"""When a message that can wait is due: at the beginning of its reader's next working day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from kamflow.models.person import Person
from kamflow.store import calendars
from kamflow.store.run import Run

AHEAD = timedelta(hours=1)


class Mornings:
    """Working days and zones of some readers, read at once."""

    def __init__(self, run: Run, readers: Iterable[int]) -> None:
        people = set(readers)
        self._today = run.today
        self._at = run.policy.cadence.digest_at
        self._company = ZoneInfo(run.company.zone)
        self._days = calendars.of_people(run.session, people, run.company)
        rows = run.session.execute(select(col(Person.id), col(Person.zone)).where(col(Person.id).in_(people)))
        self._zones = dict(rows.tuples().all())

    def of(self, reader: int, until: date | None = None, begins: datetime | None = None) -> datetime:
        """The next morning at work; where that is after `until`, this one: later it is of no use.

        What is of use before something begins comes an hour before it at the latest.
        """
        day = self._days[reader].on_or_after(self._today)
        if until is not None and day > until:
            day = self._today
        morning = datetime.combine(day, self._at, self._zone(reader))
        return morning if begins is None else min(morning, begins - AHEAD)

    def _zone(self, reader: int) -> ZoneInfo:
        try:
            return ZoneInfo(self._zones[reader])
        except (KeyError, ValueError, OSError):
            return self._company

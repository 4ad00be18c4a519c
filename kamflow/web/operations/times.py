"""Moments and durations as operators read them: by the company's clock, in the reader's language."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_timedelta

from notifications.render.formats import locale_of

PRECISE = 1.5  # 80 minutes, but 2 hours


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by the clock on the wall; `days` from today: 0 is today, -1 yesterday."""

    day: date
    days: int
    iso: str


@dataclass(frozen=True, slots=True)
class Times:
    """`language` is the reader's tag, `zone` the company's."""

    language: str
    zone: str
    now: datetime

    def of(self, at: datetime) -> Moment:
        """The moment where the company is."""
        there = at.astimezone(ZoneInfo(self.zone))
        today = self.now.astimezone(ZoneInfo(self.zone)).date()
        return Moment(there.date(), (there.date() - today).days, at.isoformat())

    def lasted(self, begun: datetime, ended: datetime | None = None) -> str:
        """How long it took, or has been going on: `3 minutes`. A clock set back makes it 0 seconds."""
        passed = max((ended or self.now) - begun, timedelta())
        return format_timedelta(passed, threshold=PRECISE, locale=locale_of(self.language))

    def ago(self, at: datetime) -> str:
        """`3 minutes ago`."""
        passed = min(at - self.now, timedelta())
        return format_timedelta(
            passed, threshold=PRECISE, add_direction=True, locale=locale_of(self.language)
        )

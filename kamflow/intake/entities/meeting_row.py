"""A row of a file of meetings with its round: as it was, and as it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.acts.meeting_contacts import Seen
from kamflow.intake.context import Context
from kamflow.intake.entities import meeting_words
from kamflow.intake.entities.meeting_book import NOBODY, Book, Sides, Year
from kamflow.intake.record import Record
from kamflow.models.meeting import MeetingRound
from kamflow.store.rounds import Talk


@dataclass(slots=True)
class Row:
    """`talk` is None while it is new; `from_calendar` is as it becomes."""

    record: Record
    said: Mapping[str, Any]
    talk: Talk | None
    here: Sides
    people: Sides
    before: Seen
    now: Seen
    from_calendar: bool

    @property
    def year(self) -> Year:
        return self.record.values["account"], self.record.values["first"]

    @property
    def number(self) -> int:
        return self.record.values["round"]

    @property
    def state(self) -> str:
        if self.talk is None:
            return "new"
        was = self.before, self.here, self.talk.round.from_calendar
        return "unchanged" if was == (self.now, self.people, self.from_calendar) else "changed"

    @property
    def act(self) -> str:
        """What a person would have done to the same end."""
        if self.before.day is None or self.before.cancelled != self.now.cancelled:
            return "booked"
        return "changed" if self.before.day == self.now.day else "moved"


def row(ctx: Context, book: Book, record: Record) -> Row:
    """What a record makes of its round; of one that was held nothing."""
    values = record.values
    talk = book.talks.get((values["account"], values["first"], values["round"]))
    one = talk.round if talk is not None else MeetingRound(meeting_id=0)
    said = meeting_words.of_round(record)
    new = {} if one.state == "held" else meeting_words.new(talk and one, ctx.source, said)
    here = book.people.get(one.id or 0, NOBODY)
    people = new.get("people", here[0]), new.get("contacts", here[1])
    cancelled = one.state == "cancelled"
    before = Seen(one.day, one.starts_at, one.place, cancelled, *(NOBODY if cancelled else here))
    day = new.get("day", one.day)
    off = cancelled and day == one.day
    place = new.get("place", one.place)
    now = Seen(day, _moment(ctx, one, new, day), place, off, *(NOBODY if off else people))
    from_calendar = bool(new.get("from_calendar", one.from_calendar))
    return Row(record, said, talk, here, people, before, now, from_calendar)


def _moment(ctx: Context, one: MeetingRound, new: Mapping[str, Any], day: date | None) -> datetime | None:
    """Its hour, which stays the same on another day where the source says only one of both."""
    at: datetime | None = new.get("starts_at", one.starts_at)
    if at is None or day is None or {"day", "starts_at"} <= new.keys() or not new.keys():
        return at
    local = at.astimezone(ZoneInfo(ctx.company.zone))
    return at if local.date() == day else datetime.combine(day, local.timetz()).astimezone(UTC)

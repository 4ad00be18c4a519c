"""What became of the dates of an annual meeting when it moved: said once, with counts."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

from kamflow.figures import meeting_dates as dates
from kamflow.figures.meeting_facts import MeetingFacts, Round
from kamflow.thresholds import AnnualMeeting

Status = Literal["moved", "due", "dropped", "same"]


class Moved(NamedTuple):
    """One date: where it was, where it is now, and what that means on the day of the move.

    `due`: it lies on that day or before, and can still be done. `dropped`: it cannot. Of requests,
    `department` and `kind` say which.
    """

    step: str
    was: date
    on: date
    status: Status
    department: int | None = None
    kind: str | None = None

    def as_facts(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "was": self.was.isoformat(),
            "on": self.on.isoformat(),
            "status": self.status,
            "department": self.department,
            "kind": self.kind,
        }


def moved(fact: MeetingFacts, booked: Round, policy: AnnualMeeting) -> list[Moved]:
    """The dates that are not done yet, in time; none where the meeting never moved."""
    if booked.moved_from is None or booked.fixed_on is None:
        return []
    found = _dates(fact, booked, booked.moved_from, booked.fixed_on, policy)
    return sorted(found, key=lambda each: (each.on, each.step, each.department or 0, each.kind or ""))


def _dates(
    fact: MeetingFacts, booked: Round, before: date, fixed_on: date, policy: AnnualMeeting
) -> Iterator[Moved]:
    old = dates.dates(fact, booked, before, policy)
    new = dates.dates(fact, booked, booked.day, policy)
    for was, now in zip(old.requests, new.requests, strict=True):
        if not now.need.asked:
            status = _status(was.on, now.on, now.until, fixed_on)
            yield Moved("request", was.on, now.on, status, now.need.department, now.need.kind)
    if fact.agenda_on is None:
        yield Moved("agenda", old.agenda, new.agenda, _status(old.agenda, new.agenda, booked.day, fixed_on))
    yield Moved("draft", old.draft, new.draft, _status(old.draft, new.draft, new.goes_out, fixed_on))
    status = _status(old.goes_out, new.goes_out, booked.day, fixed_on)
    yield Moved("briefing", old.goes_out, new.goes_out, status)
    was_on, on = (dates.due_after(fact, day, policy.minutes) for day in (before, booked.day))
    yield Moved("minutes", was_on, on, "same" if was_on == on else "moved")


def _status(was: date, on: date, last: date, fixed_on: date) -> Status:
    """What became of a date of use until `last`, seen from the day of the move."""
    if fixed_on > last:
        return "dropped"
    if on <= fixed_on:
        return "due"
    return "same" if was == on else "moved"

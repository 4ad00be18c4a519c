"""When an annual meeting is arranged, prepared and followed up.

M is the first round that stands; without one the first day of the planned month on which company and
customer work. Dates before M count the days on which the asked person is there, and none of them lies in
quiet weeks.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from kamflow.figures.deadline import Asked, days_after, days_before
from kamflow.figures.meeting_facts import MeetingFacts, Need, Round
from kamflow.thresholds import AnnualMeeting
from kamflow.workdays import Calendar, before_quiet


class Planned(NamedTuple):
    """A meeting nobody has booked yet: its month (`first`..`last`), M, and who says so."""

    first: date
    last: date
    day: date
    source: Literal["field", "last_year"]


class Request(NamedTuple):
    """When a department is asked, and the last day on which that is of use."""

    need: Need
    on: date
    until: date


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates before one M. `goes_out`: the day on which the first one receives the briefing."""

    agenda: date
    draft: date
    goes_out: date
    briefings: tuple[tuple[int, date], ...]
    requests: tuple[Request, ...]


def standing(fact: MeetingFacts) -> list[Round]:
    """The rounds that were not cancelled, in time."""
    return sorted((r for r in fact.rounds if r.state != "cancelled"), key=lambda r: (r.day, r.number, r.id))


def first_round(fact: MeetingFacts) -> Round | None:
    """The round whose day is M, if one stands."""
    return next(iter(standing(fact)), None)


def planned(fact: MeetingFacts) -> Planned | None:
    """The planned month within the fiscal year: the field's, else last year's, else unknown."""
    month = fact.month or fact.last_month
    first = _month_within(fact, month) if month else None
    if first is None:
        return None
    last = _next_month(first) - timedelta(days=1)
    return Planned(first, last, fact.calendar.on_or_after(first), "field" if fact.month else "last_year")


def meeting_day(fact: MeetingFacts) -> date | None:
    """M: booked, else planned; None where it is unknown, or was cancelled and not booked again."""
    booked = first_round(fact)
    if booked is not None:
        return booked.day
    plan = None if fact.rounds else planned(fact)
    return plan.day if plan else None


def ask_month_on(fact: MeetingFacts, policy: AnnualMeeting) -> date | None:
    """The day of the fiscal year from which a missing month is asked for; a cut year may have none."""
    return _month_within(fact, policy.ask_month)


def arrange_on(fact: MeetingFacts, day: date, policy: AnnualMeeting) -> date:
    """The day from which a planned meeting is arranged."""
    ahead = policy.arrange_board if fact.board else policy.arrange
    days = kam_calendar(fact)
    return before_quiet(days.on_or_before(day - timedelta(days=ahead)), days, fact.quiet)


def kam_calendar(fact: MeetingFacts) -> Calendar:
    """Working days of the KAM; where there is none, those of company and customer."""
    return fact.kam.calendar if fact.kam else fact.calendar


def recipients(fact: MeetingFacts, booked: Round, policy: AnnualMeeting) -> list[Asked]:
    """Who receives the briefing: our people who attend, but the KAM, and the sponsor of a key account."""
    people = {asked.person: asked for asked in booked.people}
    if fact.sponsor and fact.account_class in policy.sponsor_classes:
        people.setdefault(fact.sponsor.person, fact.sponsor)
    if fact.kam:
        people.pop(fact.kam.person, None)
    return [people[person] for person in sorted(people)]


def dates(fact: MeetingFacts, booked: Round, day: date, policy: AnnualMeeting) -> Dates:
    """The dates before M = `day`. Where papers go out early, the KAM sees the draft earlier too."""
    days, quiet = kam_calendar(fact), fact.quiet
    briefings = tuple(
        (asked.person, days_before(day, policy.briefing, asked.calendar, quiet))
        for asked in recipients(fact, booked, policy)
    )
    goes_out = min((on for _, on in briefings), default=days_before(day, policy.briefing, days, quiet))
    draft = min(
        days_before(day, policy.draft, days, quiet), days_before(goes_out, policy.review, days, quiet)
    )
    return Dates(
        agenda=min(days_before(day, policy.agenda, days, quiet), draft),
        draft=draft,
        goes_out=goes_out,
        briefings=briefings,
        requests=tuple(_request(fact, need, day, policy) for need in fact.needs),
    )


def is_released(fact: MeetingFacts, booked: Round, plan: Dates) -> bool:
    """Whether the KAM released the briefing: since the day of its draft, or for this date of the meeting.

    A release from before the meeting was moved away is too old.
    """
    if fact.released_on is None:
        return False
    return fact.released_revision == booked.revision or fact.released_on >= plan.draft


def known_later(talk: Round, day: date) -> bool:
    """Whether a round and a day after it were over when it became known, as imported history is."""
    return talk.fixed_on is not None and max(talk.day, day) < talk.fixed_on


def minutes_on(fact: MeetingFacts, day: date) -> date:
    """From when minutes are asked for: the KAM's next working day."""
    return kam_calendar(fact).add(day, 1)


def due_after(fact: MeetingFacts, since: date, days: int) -> date:
    """Some working days of the KAM later, not in quiet weeks."""
    return max(since, days_after(since, days, kam_calendar(fact), fact.quiet))


def _request(fact: MeetingFacts, need: Need, day: date, policy: AnnualMeeting) -> Request:
    ahead = need.lead_time + policy.request_notice
    on = days_before(day, ahead, need.calendar, fact.quiet)
    return Request(need, on, max(on, need.calendar.add(day, -policy.request_short)))


def _month_within(fact: MeetingFacts, month: int) -> date | None:
    first = fact.year.first
    while first <= fact.year.last:
        if first.month == month:
            return first
        first = _next_month(first)
    return None


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)

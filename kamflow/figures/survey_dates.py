"""When a wave is sent, shown to the KAM, put together, and when its invitations close."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from kamflow.errors import InputError
from kamflow.figures import survey_governor as governor
from kamflow.figures.deadline import days_before
from kamflow.figures.survey_facts import Invitation, SurveyFacts, Wave
from kamflow.figures.survey_governor import Candidate, Refusal
from kamflow.thresholds import SurveyDispatch
from kamflow.workdays import Calendar

DAY = timedelta(days=1)
UNKNOWN_INFLUENCE = 5  # weighs as the middle of 1 to 10; people see it as unknown


class Window(NamedTuple):
    """The days on which a wave may be sent, both included."""

    first: date
    last: date


class Choice(NamedTuple):
    """Who is asked and on which day, and who is not and why."""

    chosen: tuple[tuple[Candidate, date], ...]
    refused: tuple[tuple[Candidate, Refusal | None], ...]  # None: there is room for others only


def window(fact: SurveyFacts, meeting: date, policy: SurveyDispatch) -> Window:
    """From 90 to 40 working days of the customer before M."""
    return Window(fact.calendar.add(meeting, -policy.earliest), fact.calendar.add(meeting, -policy.latest))


def kam_calendar(fact: SurveyFacts) -> Calendar:
    """Working days of the KAM; where there is none, those of the customer."""
    return fact.kam.calendar if fact.kam else fact.calendar


def list_on(fact: SurveyFacts, send_on: date, policy: SurveyDispatch) -> date:
    """From when the KAM sees the list, in the KAM's own days."""
    return days_before(send_on, policy.list_before, kam_calendar(fact), fact.quiet)


def prepare_on(fact: SurveyFacts, send_on: date, policy: SurveyDispatch) -> date:
    """From when the wave is put together, so that the list is there in time."""
    return kam_calendar(fact).add(list_on(fact, send_on, policy), -policy.prepare)


def first_send_on(fact: SurveyFacts, days: Window, policy: SurveyDispatch, after: date) -> date | None:
    """The first day of the window on which the account may be asked, where the list lies after a day."""
    day = days.first
    while isinstance(
        day := _first_day(fact, Candidate(0, fact.calendar), Window(day, days.last), policy), date
    ):
        if list_on(fact, day, policy) > after:
            return day
        day += DAY
    return None


def send_on(wave: Wave, days: Window) -> date:
    """When a wave that is put together is sent: later where the meeting was moved away."""
    return max(wave.send_on, days.first)


def open_days(fact: SurveyFacts, wave: Wave, policy: SurveyDispatch) -> Window | None:
    """The days on which a wave that is put together asks, by the meeting as it is now; None without one."""
    if fact.meeting is None:
        return None
    days = window(fact, fact.meeting, policy)
    return Window(send_on(wave, days), days.last)


def closes_on(fact: SurveyFacts, invited_on: date, policy: SurveyDispatch) -> date:
    """The last day on which an invitation can be answered."""
    return fact.calendar.add(invited_on, policy.closes_after)


def remind_on(fact: SurveyFacts, who: Candidate, invited_on: date, policy: SurveyDispatch) -> date | None:
    """When a contact is reminded: on a day for surveys, before the invitation closes; None: there is none."""
    day, last = fact.calendar.add(invited_on, policy.remind_after), closes_on(fact, invited_on, policy) - DAY
    found = _first_day(fact, who, Window(day, last), policy)
    return found if isinstance(found, date) else None


def invite_on(
    fact: SurveyFacts, who: Candidate, days: Window, wave: int | None, policy: SurveyDispatch
) -> date | Refusal:
    """The first day of the window on which the contact may be asked, else why not."""
    return governor.first_day(
        days.first, days.last, lambda day: governor.refusal(who, day, wave, fact.quiet, policy)
    )


def choose(fact: SurveyFacts, days: Window, policy: SurveyDispatch) -> Choice:
    """The most influential who may be asked within the window, each with their own first day."""
    chosen: list[tuple[Candidate, date]] = []
    refused: list[tuple[Candidate, Refusal | None]] = []
    asked_at: set[int | None] = set()
    for who in sorted(fact.candidates, key=lambda who: (-weight(who), who.contact)):
        found = invite_on(fact, who, days, None, policy)
        if isinstance(found, Refusal):
            refused.append((who, found))
        elif who.address is not None and who.address in asked_at:
            refused.append((who, Refusal("same_address")))
        elif len(chosen) < policy.people:
            chosen.append((who, found))
            asked_at.add(who.address)
        else:
            refused.append((who, None))
    return Choice(tuple(chosen), tuple(refused))


def one_per_address(wave: Wave, today: date, policy: SurveyDispatch) -> Wave:
    """The wave in which everybody gives way whose address is that of another one who is asked first."""
    addresses = [each.who.address for each in wave.invitations if each.who.address is not None]
    if len(addresses) == len(set(addresses)):
        return wave
    first: dict[int, int] = {}
    for each in sorted(wave.invitations, key=_precedence):
        who = each.who
        able = each.invited_on is not None or governor.lasting(who, today, wave.id, policy) is None
        if able and who.address is not None:
            first.setdefault(who.address, who.contact)
    marked = (
        replace(each, who=replace(each.who, doubled=first.get(each.who.address or 0, found) != found))
        for each in wave.invitations
        for found in (each.who.contact,)
    )
    return replace(wave, invitations=tuple(marked))


def _precedence(asked: Invitation) -> tuple[bool, int, int]:
    return asked.invited_on is None, -weight(asked.who), asked.who.contact


def weight(who: Candidate) -> int:
    """Influence 1 to 10; the middle where it is unknown."""
    return who.influence or UNKNOWN_INFLUENCE


def moment(fact: SurveyFacts, who: Candidate, zone: str, now: datetime, policy: SurveyDispatch) -> datetime:
    """The next moment, from now on, at which a mail may reach the contact: its hours in its own zone.

    Raises:
        InputError: there is no day for surveys within a year.
    """
    local = now.astimezone(ZoneInfo(zone))
    start, end = time.fromisoformat(policy.send_from), time.fromisoformat(policy.send_until)
    first = local.date() if local.time() < end else local.date() + DAY
    day = _first_day(fact, who, Window(first, first + timedelta(days=366)), policy)
    if not isinstance(day, date):
        raise InputError(
            f"contact {who.contact}: no day for a survey within a year of {first}; see its calendar"
        )
    if day == local.date() and local.time() >= start:
        return now
    return datetime.combine(day, start, ZoneInfo(zone)).astimezone(now.tzinfo)


def _first_day(fact: SurveyFacts, who: Candidate, days: Window, policy: SurveyDispatch) -> date | Refusal:
    """By what the days say alone."""
    return governor.first_day(
        days.first, days.last, lambda day: governor.of_the_day(who, day, fact.quiet, policy)
    )

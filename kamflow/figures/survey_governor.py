"""May this contact be asked by a survey on this day? A refusal carries its reason, and its end if known.

A satisfaction mail counts as advertising: it needs consent, or the customer relationship together with the
notice that one may object (domain.md, section 7). Nobody is asked twice in half a year by anybody, nor while
we negotiate or a complaint is open.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, NamedTuple

from kamflow.thresholds import SurveyDispatch
from kamflow.workdays import Calendar, Quiet, Span

DAY = timedelta(days=1)
Consent = Literal["given", "relationship", "objected"]
Reason = Literal[
    "account_closed", "paused", "gone", "no_address", "objected", "no_consent", "no_notice", "struck",
    "complaint", "same_address", "talks", "asked_lately", "other_wave",
    "quiet", "season", "school_holidays", "not_working", "weekday", "window_passed",
]  # fmt: skip
# What a day alone decides: the contact may be asked on another one.
OF_THE_DAY = frozenset({"quiet", "season", "school_holidays", "not_working", "weekday"})


class Talks(NamedTuple):
    """A meeting with rounds, not cancelled. `until`: `agreed_on`; of a strategic meeting its day."""

    first: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact with a place at the account, today or when the wave was put together.

    One human may be entered twice, or share a mailbox: `address` is the lowest row id of all contacts with
    the same address, None without one. What speaks against asking one of them (an objection, a bounce, talks,
    a complaint, other surveys) is that of all. `doubled`: another one on the list is asked at that address.
    `influence`: the highest of its places there. `notice`: the objection notice was given (its date and
    wording are on record). `reachable`: there is an address, and no bounce said that it is dead. `gone`: no
    place at the account any more. `complaint`: one is open about this contact, or about an account it has a
    place at. `talks`: at every account it has a place at. `last_asked`: newest invitation or imported answer
    of any other survey. `other_wave`: lowest row id of another wave that lists it and was not sent.
    `holidays`: the school summer holidays of its region, None where they are unknown. `calendar`: working
    days of the contact and its account. `closed`, `paused`: of the account. `struck`: the KAM took the name
    off this wave's list.
    """

    contact: int
    calendar: Calendar
    influence: int | None = None
    consent: Consent | None = None
    notice: bool = False
    reachable: bool = True
    gone: bool = False
    complaint: bool = False
    talks: Sequence[Talks] = ()
    last_asked: date | None = None
    other_wave: int | None = None
    holidays: Sequence[Span] | None = ()
    closed: bool = False
    paused: bool = False
    struck: bool = False
    address: int | None = None
    doubled: bool = False


class Refusal(NamedTuple):
    """Why not, and the first day on which this reason is gone, None where no date tells."""

    reason: Reason
    until: date | None = None


def refusal(
    who: Candidate, day: date, wave: int | None, quiet: Quiet, policy: SurveyDispatch
) -> Refusal | None:
    """Why the contact may not be asked on a day, the lasting reason first; None: it may.

    `wave` is the row id of the wave that would ask; None while there is none yet.
    """
    return lasting(who, day, wave, policy) or of_the_day(who, day, quiet, policy)


def lasting(who: Candidate, day: date, wave: int | None, policy: SurveyDispatch) -> Refusal | None:
    """A reason that lies in the contact."""
    simple: tuple[tuple[bool, Reason], ...] = (
        (who.closed, "account_closed"),
        (who.paused, "paused"),
        (who.gone, "gone"),
        (not who.reachable, "no_address"),
        (who.consent == "objected", "objected"),
        (who.consent is None, "no_consent"),
        (who.consent == "relationship" and not who.notice, "no_notice"),
        (who.struck, "struck"),
        (who.complaint, "complaint"),
        (who.doubled, "same_address"),
    )
    for holds, reason in simple:
        if holds:
            return Refusal(reason)
    return _talks(who, day, policy) or _asked(who, day, wave, policy)


def once_invited(who: Candidate, day: date, policy: SurveyDispatch) -> Refusal | None:
    """A reason in the contact against a second mail of the same survey; the first one is none."""
    return lasting(replace(who, struck=False, last_asked=None, other_wave=None), day, None, policy)


def of_the_day(who: Candidate, day: date, quiet: Quiet, policy: SurveyDispatch) -> Refusal | None:
    """A reason that lies in the day alone."""
    if day in quiet:
        return Refusal("quiet", _after(quiet, day))
    season = Quiet(policy.season_from, policy.season_until)
    if day in season:
        return Refusal("season", _after(season, day))
    for first, last in who.holidays or ():
        if first <= day <= last:
            return Refusal("school_holidays", last + DAY)
    if not who.calendar.is_workday(day):
        return Refusal("not_working")
    return None if day.isoweekday() in policy.weekdays else Refusal("weekday")


def first_day(day: date, last: date, check: Callable[[date], Refusal | None]) -> date | Refusal:
    """The first day from `day` to `last` that nothing speaks against, else what did in the end."""
    refused = Refusal("window_passed")
    while day <= last:
        found = check(day)
        if found is None:
            return day
        if found.until is None and found.reason not in OF_THE_DAY:
            return found
        refused, day = found, max(found.until or day, day + DAY)
    return refused


def warnings(who: Candidate) -> tuple[str, ...]:
    """What is not known about a contact and does not stop a survey."""
    found = []
    if who.holidays is None:
        found.append("school_holidays_unknown")
    if who.influence is None:
        found.append("influence_unknown")
    return tuple(found)


def _talks(who: Candidate, day: date, policy: SurveyDispatch) -> Refusal | None:
    ends: list[date | None] = [
        talks.until
        for talks in who.talks
        if who.calendar.add(talks.first, -policy.before_talks) <= day
        and (talks.until is None or day <= talks.until)
    ]
    if not ends:
        return None
    known = [end for end in ends if end is not None]
    return Refusal("talks", max(known) + DAY if len(known) == len(ends) else None)


def _asked(who: Candidate, day: date, wave: int | None, policy: SurveyDispatch) -> Refusal | None:
    if who.last_asked is not None:
        again = who.last_asked + timedelta(days=policy.again_after)
        if day < again:
            return Refusal("asked_lately", again)
    if who.other_wave is not None and (wave is None or who.other_wave < wave):
        return Refusal("other_wave")
    return None


def _after(quiet: Quiet, day: date) -> date:
    while day in quiet:
        day += DAY
    return day

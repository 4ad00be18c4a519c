"""Rounds of annual meetings that a calendar or CRM tells: a person's acts, found again by its id."""

from dataclasses import dataclass
from datetime import date, datetime, time

from kamflow.acts import meeting, meeting_held
from kamflow.acts.meeting import Arranged
from kamflow.acts.meeting_held import Held
from kamflow.acts.meeting_round import Booking
from kamflow.intake import periods, upsert
from kamflow.intake.mentioned import row_of
from kamflow.models.meeting import AnnualMeeting, MeetingRound
from kamflow.periods import Period
from kamflow.store import rounds
from kamflow.web.api.data import MeetingBooked, MeetingCancelled, MeetingHeld, MeetingMoved
from kamflow.web.api.desk import Desk, Done, refuse_unknown
from kamflow.web.api.problems import Flaw, Problem

KIND = "round"


def booked(desk: Desk, told: MeetingBooked) -> Done:
    """Book a round; under an id that is booked for another day it is moved there."""
    parties = desk.parties(told.account, told.people, told.contacts)
    account = parties.account or 0
    which = _told(desk, told.id, account, told.round)
    at = _hour(desk, told.day, told.starts_at)
    number = which.number if which else told.round
    if which and which.state == "booked" and which.day != told.day:
        return _kept(desk, told.id, which, meeting.move(desk.acting, account, told.day, number, at))
    year = _year(desk, told.year)
    booking = Booking(
        account, told.day, at, told.place, told.kind, number, parties.people, parties.contacts, year
    )
    return _kept(desk, told.id, which, meeting.book(desk.acting, booking))


def moved(desk: Desk, told: MeetingMoved) -> Done:
    """Move a round to another day, hour or place."""
    which = _which(desk, told)
    at = _hour(desk, told.day, told.starts_at)
    arranged = meeting.move(desk.acting, which.account, told.day, which.number, at, told.place)
    return _kept(desk, told.id, which, arranged)


def cancelled(desk: Desk, told: MeetingCancelled) -> Done:
    """Call a round off."""
    which = _which(desk, told)
    return _kept(desk, told.id, which, meeting.cancel(desk.acting, which.account, which.number))


def held(desk: Desk, told: MeetingHeld) -> Done:
    """Note that a round took place, booked or not."""
    which = _which(desk, told)
    parties = desk.parties(None, told.people, told.contacts)
    said = Held(which.account, which.number, told.day, told.kind, parties.people, parties.contacts)
    return _kept(desk, told.id, which, meeting_held.held(desk.acting, said))


@dataclass(frozen=True)
class _Which:
    """The round that is meant; `round` where it was told before."""

    account: int
    number: int | None
    round: int | None = None
    state: str | None = None
    day: date | None = None


def _which(desk: Desk, told: MeetingMoved | MeetingCancelled | MeetingHeld) -> _Which:
    account = desk.parties(told.account).account
    which = _told(desk, told.id, account, told.round)
    if which is None and account is None:
        refuse_unknown([Flaw("/data/id", "no meeting was told under this id: name its account")])
    return which or _Which(account or 0, told.round)


def _told(desk: Desk, external: str, account: int | None, number: int | None) -> _Which | None:
    """The round that was told under this id."""
    found = row_of(desk.session, desk.source, KIND, external)
    row = desk.session.get(MeetingRound, found) if found else None
    if row is None:
        return None
    whose = desk.session.get_one(AnnualMeeting, row.meeting_id).account_id
    rounds.hold(desk.session, whose)
    desk.session.refresh(row)
    for name, said, kept in (("account", account, whose), ("round", number, row.number)):
        if said not in (None, kept):
            raise Problem(
                "does-not-fit", f"This id names another {name}.", [Flaw(f"/data/{name}", "another")]
            )
    return _Which(whose, row.number, row.id, row.state, row.day)


def _hour(desk: Desk, day: date, starts_at: datetime | None) -> time | None:
    local = desk.hour(day, starts_at)
    return local.time() if local else None


def _year(desk: Desk, written: str | None) -> Period | None:
    if written is None:
        return None
    company = desk.company
    found = periods.period(written, company.fiscal_year_start, company.fiscal_year_changes)
    if found is None:
        what = "expected a fiscal year such as 2027 or 2027/28"
        raise Problem("not-as-described", f"/data/year: {what}", [Flaw("/data/year", what)])
    return found


def _kept(desk: Desk, external: str, which: _Which | None, arranged: Arranged) -> Done:
    """Keep the sender's id with the round, and refuse what turned out to be about another one."""
    if which is not None and which.round not in (None, arranged.round):
        what = "this id names a round that is not the one to come"
        raise Problem("does-not-fit", what, [Flaw("/data/id", what)])
    known = {external: which.round} if which is not None and which.round is not None else {}
    upsert.refer(desk.session, desk.source, KIND, {external: arranged.round}, known)
    return Done(KIND, arranged.round, arranged.state != "already")

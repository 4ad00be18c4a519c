"""What follows from an annual meeting beside nudges: requests, briefings, calendar entries, a word on moves.

effect          step       for                  when
ask_department  the kind   account+department   lead time + 10 wd before M, until 3 wd before it
send_document   draft      account+person (KAM) 10 wd before M, until M
send_document   briefing   account+person       3 wd before M of each, until M
send_document   released   account+person       once released, until M; who was sent it unreviewed
send_document   morning    account+person       on the day M, where something changed
send_document   replanned  account+person (KAM) after a move, until M
calendar        invite     account+person+round until the round; our people only
calendar        cancel     account+person+round until the round; who was invited and is no longer expected

Facts of ask_department: department, kind, meeting (row), customer_date, lead_time, on. Of draft, briefing,
released and morning: document (of released: briefing), person, meeting (row), round, day, revision, reviewed
(else "from data, not reviewed"), released_on, again (it takes the place of an earlier one), on; of morning
also changed (figure | time | attendee). Of replanned: document, person, round, was, day, revision, moved,
due, dropped (counts), dates (see `Moved.as_facts`). Of calendar: person, round, day, method (request |
cancel), revision (the round's `entry_revision`).

Effects of documents carry the revision of their round in the key, those of calendar entries how many there
were for this person and round before: who is taken off and added again is invited again. Who has an
invitation as the entry is now gets no other one.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from kamflow.figures import meeting_dates as dates
from kamflow.figures.meeting_facts import Entry, MeetingFacts, Round
from kamflow.figures.meeting_moved import moved
from kamflow.figures.not_due import NotDue
from kamflow.nudge import Effect, subject
from kamflow.thresholds import AnnualMeeting


class _Seen(NamedTuple):
    """A booked meeting with its dates, seen from a day."""

    fact: MeetingFacts
    booked: Round
    plan: dates.Dates
    today: date


def before_meeting(
    fact: MeetingFacts, booked: Round, plan: dates.Dates, today: date, policy: AnnualMeeting
) -> Iterator[Effect | NotDue]:
    """Requests and papers for a booked meeting."""
    seen = _Seen(fact, booked, plan, today)
    for request in seen.plan.requests:
        yield _ask(seen, request)
    if fact.kam is not None:
        yield _paper(seen, "draft", fact.kam.person, seen.plan.draft)
        yield _replanned(seen, fact.kam.person, policy)
    for person, on in seen.plan.briefings:
        yield _paper(seen, "briefing", person, on)
        if person in booked.unreviewed:
            yield _released(seen, person)
    for person in sorted(booked.changed):
        yield _morning(seen, person)


def calendar(fact: MeetingFacts, talk: Round, today: date) -> Iterator[Effect | NotDue]:
    """Invitations of our people to a round, and what takes them back."""
    if talk.from_calendar:
        yield NotDue("calendar", "from_calendar", more={"round": talk.id})
        return
    if talk.day < today or talk.state == "held":
        yield NotDue("calendar", "held" if talk.state == "held" else "passed", more={"round": talk.id})
        return
    people = set() if talk.state == "cancelled" else {asked.person for asked in talk.people}
    invited = {person for person, entry in talk.entries.items() if entry.invited}
    if not people | invited:
        reason = "cancelled" if talk.state == "cancelled" else "nobody_to_invite"
        yield NotDue("calendar", reason, more={"round": talk.id})
    for person in sorted(people | invited):
        entry = talk.entries.get(person, Entry())
        if person in people and entry.told == talk.entry_revision:
            yield NotDue("calendar", "has_entry", more={"round": talk.id, "person": person})
            continue
        step, method = ("invite", "request") if person in people else ("cancel", "cancel")
        ids = subject(account=fact.account, person=person, round=talk.id)
        facts = {"person": person, "round": talk.id, "day": talk.day.isoformat()}
        facts |= {"method": method, "revision": talk.entry_revision}
        yield Effect("calendar", ids, str(fact.year), step, fact.account, facts, entry.made)


def _ask(seen: _Seen, request: dates.Request) -> Effect | NotDue:
    fact, need = seen.fact, request.need
    more = {"department": need.department, "kind": need.kind}
    if need.asked:
        return NotDue("request", "asked", more=more)
    if fact.begins is not None and request.on < fact.begins:
        return NotDue("request", "before_go_live", more=more)
    if reason := _out_of_time(seen, request.on, request.until):
        return NotDue("request", reason, request.on if reason == "not_due" else None, more)
    facts = more | {
        "meeting": fact.meeting,
        "customer_date": seen.booked.day.isoformat(),
        "lead_time": need.lead_time,
        "on": request.on.isoformat(),
    }
    # Asked once: the request's customer date follows the meeting, so the key carries no revision.
    ids = subject(account=fact.account, department=need.department)
    return Effect("ask_department", ids, str(fact.year), need.kind, fact.account, facts)


def _paper(seen: _Seen, document: str, person: int, on: date) -> Effect | NotDue:
    if reason := _out_of_time(seen, on, seen.booked.day):
        return NotDue(document, reason, on if reason == "not_due" else None, {"person": person})
    return _document(seen, document, person, on)


def _released(seen: _Seen, person: int) -> Effect | NotDue:
    """The page once more, for who was sent it from data: now it is looked through."""
    if not dates.is_released(seen.fact, seen.booked, seen.plan):
        return NotDue("released", "not_released", more={"person": person})
    on = seen.fact.released_on or seen.today
    if reason := _out_of_time(seen, on, seen.booked.day):
        return NotDue("released", reason, more={"person": person})
    return _document(seen, "briefing", person, on, {"again": True}, "released")


def _morning(seen: _Seen, person: int) -> Effect | NotDue:
    day, changed = seen.booked.day, seen.booked.changed[person]
    reason = _out_of_time(seen, day, day) or (None if changed else "nothing_changed")
    if reason:
        return NotDue("morning", reason, day if reason == "not_due" else None, {"person": person})
    return _document(seen, "morning", person, day, {"changed": sorted(changed)})


def _document(
    seen: _Seen,
    document: str,
    person: int,
    on: date,
    more: dict[str, Any] | None = None,
    step: str | None = None,
) -> Effect:
    fact, booked = seen.fact, seen.booked
    released = fact.released_on if dates.is_released(fact, booked, seen.plan) else None
    facts = {
        "document": document,
        "person": person,
        "meeting": fact.meeting,
        "round": booked.id,
        "day": booked.day.isoformat(),
        "revision": booked.revision,
        "reviewed": released is not None,
        "released_on": released.isoformat() if released else None,
        "again": False,
        "on": on.isoformat(),
    }
    ids = subject(account=fact.account, person=person)
    facts |= more or {}
    name = step or document
    return Effect("send_document", ids, str(fact.year), name, fact.account, facts, booked.revision)


def _replanned(seen: _Seen, person: int, policy: AnnualMeeting) -> Effect | NotDue:
    fact, booked = seen.fact, seen.booked
    found = moved(fact, booked, policy)
    if booked.moved_from is None or not found:
        return NotDue("replanned", "never_moved")
    if reason := _out_of_time(seen, booked.fixed_on or booked.day, booked.day):
        return NotDue("replanned", reason)
    counts = {status: sum(each.status == status for each in found) for status in ("moved", "due", "dropped")}
    facts = counts | {
        "document": "replanned",
        "person": person,
        "round": booked.id,
        "was": booked.moved_from.isoformat(),
        "day": booked.day.isoformat(),
        "revision": booked.revision,
        "dates": [each.as_facts() for each in found],
    }
    ids = subject(account=fact.account, person=person)
    return Effect("send_document", ids, str(fact.year), "replanned", fact.account, facts, booked.revision)


def _out_of_time(seen: _Seen, on: date, until: date) -> str | None:
    if seen.booked.state == "held":
        return "held"
    if seen.fact.begins is not None and until < seen.fact.begins:
        return "before_go_live"
    if seen.today < on:
        return "not_due"
    return "passed" if seen.today > until else None

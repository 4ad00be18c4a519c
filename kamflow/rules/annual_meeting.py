"""The annual meeting is arranged, prepared and followed up in time, however often it moves.

In the customer's words: "Ask for a date three months ahead, four when somebody of the board comes. Ask the
departments in time; four weeks before there is an agenda, two weeks before I see the briefing and correct it,
three days before everybody who attends has it. When the customer moves the meeting, plan it all anew and tell
me once what that means. Afterwards remind me of the minutes, and of the measures once we agreed."

nudge      since                    due_on                       lapses         closed by
month      1 June of the year       + 10 wd                      end of year    a month, a booking
arrange    M - 90 (120) days        + 10 wd                      end of year    a booking
agenda     M - 20 wd                + 5 wd, before M             M              word: written
release    M - 10 wd                day before papers go out     papers go out  release of the briefing
minutes    wd after each round      + 5 wd after the round       -              word: written
follow_up  wd after the agreement   + 15 wd after the agreement  -              word: measures are agreed

A round that became known after its day is history: neither minutes nor measures are asked for.
Owner is the KAM. A booking or a move later than `since` counts from its own day. `arrange` has the stages ""
and "month_passed". Facts of all: year {first, last}, kind, meeting (row or null), lapses (first day on which
it is closed by itself, or null). Beside them: month: none; arrange: month {first, last}, day (M), source
(field | last_year), ahead (days), board; agenda, release: round, day (M), revision, and release: goes_out,
to (persons); minutes: round, number, day, next_round (ISO date or null), agreed_on; follow_up: agreed_on.
Effects: see kamflow/figures/meeting_effects.py.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from kamflow.figures import meeting_dates as dates
from kamflow.figures import meeting_effects as effects
from kamflow.figures.meeting_facts import MeetingFacts, Round
from kamflow.figures.not_due import NotDue
from kamflow.nudge import ClosesBy, Decision, Effect, Nudge, Silence, subject
from kamflow.policy import Policy
from kamflow.thresholds import AnnualMeeting

RULE = "annual_meeting"
DAY = timedelta(days=1)
WEIGHT = {"month": 10.0, "arrange": 50.0, "agenda": 50.0, "release": 55.0, "minutes": 30.0, "follow_up": 35.0}


class _Ask(NamedTuple):
    """What is asked of the KAM. It closes by itself on `lapses`."""

    step: str
    since: date
    due_on: date
    lapses: date | None
    threshold: str
    days: int
    closes: str
    facts: dict[str, Any]
    closes_by: ClosesBy = "facts"
    stage: str = ""
    round: int | None = None
    done: bool = False


def decide(facts: Iterable[MeetingFacts], today: date, policy: Policy) -> Decision:
    """What the KAM is asked, what departments are asked, and who is sent what."""
    said = [each for fact in facts for each in _look(fact, today, policy.of(fact.account).annual_meeting)]
    return Decision(
        tuple(each for each in said if isinstance(each, Nudge)),
        tuple(each for each in said if isinstance(each, Effect)),
    )


def silent(facts: Iterable[MeetingFacts], today: date, policy: Policy) -> Iterator[Silence]:
    """Why each remaining step asks nothing, and from when it would."""
    for fact in facts:
        for each in _look(fact, today, policy.of(fact.account).annual_meeting):
            if isinstance(each, NotDue):
                figures = {"year": str(fact.year), "step": each.step, **(each.more or {})}
                yield Silence(
                    RULE, subject(account=fact.account), fact.account, each.reason, figures, each.until
                )


def _look(fact: MeetingFacts, today: date, policy: AnnualMeeting) -> Iterator[Nudge | Effect | NotDue]:
    booked = dates.first_round(fact)
    if booked is None:
        yield _verdict(fact, _arrange(fact, today, policy), today, policy)
    else:
        plan = dates.dates(fact, booked, booked.day, policy)
        for ask in (_agenda(fact, booked, plan, policy), _release(fact, booked, plan, policy)):
            held = NotDue(ask.step, "held") if booked.state == "held" else ask
            yield _verdict(fact, held, today, policy)
        yield from effects.before_meeting(fact, booked, plan, today, policy)
    for talk in sorted(fact.rounds, key=lambda each: each.id):
        yield from effects.calendar(fact, talk, today)
    for talk in dates.standing(fact):
        yield _verdict(fact, _minutes(fact, talk, policy), today, policy)
    if booked is not None:
        yield _verdict(fact, _follow_up(fact, policy), today, policy)


def _verdict(fact: MeetingFacts, ask: _Ask | NotDue, today: date, policy: AnnualMeeting) -> Nudge | NotDue:
    if isinstance(ask, NotDue):
        return ask
    if ask.done:
        return NotDue(ask.step, "done", more=ask.facts)
    if fact.begins is not None and ask.due_on < fact.begins:
        return NotDue(ask.step, "before_go_live", more=ask.facts)
    if ask.lapses is not None and today >= ask.lapses:
        return NotDue(ask.step, "passed", more=ask.facts)
    if fact.kam is None:
        return NotDue(ask.step, "no_kam", more=ask.facts)
    if today < ask.since:
        return NotDue(ask.step, "not_due", ask.since, ask.facts)
    return _nudge(fact, ask, fact.kam.person, policy)


def _nudge(fact: MeetingFacts, ask: _Ask, owner: int, policy: AnnualMeeting) -> Nudge:
    ids = {"account": fact.account} | ({} if ask.round is None else {"round": ask.round})
    return Nudge(
        rule=RULE,
        subject=subject(**ids),
        period=_period(fact, ask),
        step=ask.step,
        account=fact.account,
        owner=owner,
        since=ask.since,
        due_on=ask.due_on,
        facts={
            "year": {"first": fact.year.first.isoformat(), "last": fact.year.last.isoformat()},
            "kind": fact.kind,
            "meeting": fact.meeting,
            "lapses": _iso(ask.lapses),
            **ask.facts,
        },
        why={
            "threshold": ask.threshold,
            "days": ask.days,
            "closes": ask.closes,
            "next": "head",
            "next_after": policy.head_after,
        },
        group=f"{RULE}:{subject(person=owner)}",
        weight=WEIGHT[ask.step],
        stage=ask.stage,
        closes_by=ask.closes_by,
    )


def _period(fact: MeetingFacts, ask: _Ask) -> str:
    """The fiscal year; for what comes after a round, and must not end with the year, its row."""
    if ask.round is not None:
        return str(ask.round)
    return str(fact.meeting) if ask.step == "follow_up" and fact.meeting is not None else str(fact.year)


def _arrange(fact: MeetingFacts, today: date, policy: AnnualMeeting) -> _Ask | NotDue:
    if fact.rounds:
        return NotDue("arrange", "cancelled")
    plan = dates.planned(fact)
    if plan is None:
        return _month(fact, policy)
    if fact.month_on is not None and fact.month_on > plan.last:
        return NotDue("arrange", "month_was_over", more={"month": plan.first.month})
    since = _latest(dates.arrange_on(fact, plan.day, policy), fact.month_on)
    ahead = policy.arrange_board if fact.board else policy.arrange
    facts: dict[str, Any] = {
        "month": {"first": plan.first.isoformat(), "last": plan.last.isoformat()},
        "day": plan.day.isoformat(),
        "source": plan.source,
        "ahead": ahead,
        "board": fact.board,
    }
    due_on = dates.due_after(fact, since, policy.arrange_days)
    threshold, stage = "board" if fact.board else "ahead", "month_passed" if today > plan.last else ""
    end = fact.year.last + DAY
    return _Ask("arrange", since, due_on, end, threshold, ahead, "booked", facts, stage=stage)


def _month(fact: MeetingFacts, policy: AnnualMeeting) -> _Ask | NotDue:
    first = dates.ask_month_on(fact, policy)
    if fact.month or fact.last_month or first is None:
        return NotDue("month", "not_in_this_year")
    if fact.account_class not in policy.classes:
        return NotDue("month", "no_meeting_for_class")
    since = _latest(first, fact.begins)
    due_on = dates.due_after(fact, since, policy.ask_days)
    return _Ask("month", since, due_on, fact.year.last + DAY, "june", policy.ask_month, "month_known", {})


def _agenda(fact: MeetingFacts, booked: Round, plan: dates.Dates, policy: AnnualMeeting) -> _Ask:
    since = _latest(plan.agenda, booked.fixed_on)
    last = dates.kam_calendar(fact).add(booked.day, -1)
    due_on = max(since, min(dates.due_after(fact, since, policy.agenda_days), last))
    facts = {"round": booked.id, "day": booked.day.isoformat(), "revision": booked.revision}
    said = fact.agenda_on is not None
    return _Ask(
        "agenda", since, due_on, booked.day, "agenda", policy.agenda, "written", facts, "word", done=said
    )


def _release(fact: MeetingFacts, booked: Round, plan: dates.Dates, policy: AnnualMeeting) -> _Ask:
    since = _latest(plan.draft, booked.fixed_on)
    due_on = max(since, dates.kam_calendar(fact).add(plan.goes_out, -1))
    facts: dict[str, Any] = {"round": booked.id, "day": booked.day.isoformat(), "revision": booked.revision}
    facts |= {"goes_out": plan.goes_out.isoformat(), "to": [person for person, _ in plan.briefings]}
    done = dates.is_released(fact, booked, plan)
    return _Ask("release", since, due_on, plan.goes_out, "draft", policy.draft, "released", facts, done=done)


def _minutes(fact: MeetingFacts, talk: Round, policy: AnnualMeeting) -> _Ask | NotDue:
    since = dates.minutes_on(fact, talk.day)
    due_on = max(since, dates.due_after(fact, talk.day, policy.minutes))
    later = [other.day for other in dates.standing(fact) if other.day > talk.day]
    facts = {
        "round": talk.id,
        "number": talk.number,
        "day": talk.day.isoformat(),
        "next_round": _iso(min(later, default=None)),
        "agreed_on": _iso(fact.agreed_on),
    }
    said, days = talk.minutes_on is not None, policy.minutes
    if not said and dates.known_later(talk, talk.day):
        return NotDue("minutes", "known_later", more=facts)
    return _Ask(
        "minutes", since, due_on, None, "round", days, "written", facts, "word", round=talk.id, done=said
    )


def _follow_up(fact: MeetingFacts, policy: AnnualMeeting) -> _Ask | NotDue:
    # A strategic meeting is agreed when it was held; a negotiation when somebody says so.
    last = dates.standing(fact)[-1]
    agreed = fact.agreed_on or (last.day if fact.kind == "strategic" else None)
    if agreed is None:
        return NotDue("follow_up", "not_agreed")
    since = dates.minutes_on(fact, agreed)
    due_on = max(since, dates.due_after(fact, agreed, policy.follow_up))
    facts, said = {"agreed_on": agreed.isoformat()}, fact.followed_up_on is not None
    days = policy.follow_up
    if not said and dates.known_later(last, agreed):
        return NotDue("follow_up", "known_later", more=facts)
    return _Ask("follow_up", since, due_on, None, "agreed", days, "followed_up", facts, "word", done=said)


def _latest(day: date, other: date | None) -> date:
    return day if other is None else max(day, other)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""Once a year, well before the annual meeting, a few people at the customer are asked how we did.

In the customer's words: "Ask the people who count, five at most, and only who may be asked: not in the middle
of a negotiation, not during a complaint, not twice in half a year. I see the list three days before and can
strike a name. Somebody unhappy is called the next day; the buyer who stays silent gets a call, not a mail."

nudge     since                 due_on               lapses           closed by
list      3 wd before sending   the wd before it     first sending    word: looked through
answer    answered              + 1 wd (detractor),  -                word: replied, after the last change
                                + 5 wd (others)
call      5 wd after the        + 5 wd               the invitation   an answer, or word: called
          invitation                                 closes

Owner is the KAM. `answer` has the stage detractor (urgency now, an item of its own), passive or promoter;
`call` is for an influence of 8 and more. The wave's row is the period. Facts of all: wave, lapses (ISO date
or null). Of list: send_on, contacts [{contact, influence, day, warnings}], refused [{contact, reason,
until}]. Of answer: contact, influence, score, kind, answered_on. Of call: contact, influence, invited_on,
closes_on.

effect       step        for              facts
create_wave  wave        account, year    send_on, list_on, meeting (M), contacts and refused as above
invite       invitation  account+contact  wave, contact, on, last (days of use), weekdays, from, until (hours)
remind       reminder    account+contact  the same

An invitation that its check called back before sending (a complaint, no meeting), or that went to the address
of a pilot, is due again once nothing speaks against it and mails reach their recipients: its effect has a
revision, a new one each day. One that could not be delivered or that a person cancelled is not repeated; why
is said (`mail_failed`, `mail_cancelled`). Nobody is reminded or called before the invitation has left. Of
several contacts with one address one is asked.

An imported survey has `answer` alone, which lapses once `closes_after` has passed since it was given: what
another tool heard this week is told at once, its history is not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from kamflow.figures import survey_dates as dates
from kamflow.figures import survey_effects as effects
from kamflow.figures.deadline import Asked, days_after
from kamflow.figures.not_due import NotDue
from kamflow.figures.nps import kind
from kamflow.figures.survey_dates import Window
from kamflow.figures.survey_facts import Invitation, SurveyFacts, Wave
from kamflow.figures.survey_governor import Candidate, Refusal, once_invited
from kamflow.nudge import Decision, Effect, Nudge, Silence, subject
from kamflow.policy import Policy
from kamflow.thresholds import SurveyDispatch

RULE = "survey_dispatch"
DAY = timedelta(days=1)
WEIGHT = {"list": 40.0, "call": 30.0, "detractor": 80.0, "passive": 25.0, "promoter": 20.0}


class _Ask(NamedTuple):
    """What is asked of the KAM. It closes by itself on `lapses`."""

    step: str
    since: date
    due_on: date
    lapses: date | None
    days: int
    closes: str
    facts: Mapping[str, Any]
    who: Candidate | None = None
    stage: str = ""
    done: bool = False


def decide(facts: Iterable[SurveyFacts], today: date, policy: Policy) -> Decision:
    """Waves to put together, mails to contacts, and what the KAM is asked."""
    said = [each for fact in facts for each in _look(fact, today, policy.of(fact.account).survey_dispatch)]
    return Decision(
        tuple(each for each in said if isinstance(each, Nudge)),
        tuple(each for each in said if isinstance(each, Effect)),
    )


def silent(facts: Iterable[SurveyFacts], today: date, policy: Policy) -> Iterator[Silence]:
    """Why an account has no survey, why a contact is not asked, and from when they would."""
    for fact in facts:
        for each in _look(fact, today, policy.of(fact.account).survey_dispatch):
            if isinstance(each, NotDue):
                more = dict(each.more or {})
                contact = {"contact": more["contact"]} if "contact" in more else {}
                figures = {"year": str(fact.year), "step": each.step, **more}
                ids = subject(account=fact.account, **contact)
                yield Silence(RULE, ids, fact.account, each.reason, figures, each.until)


def _look(fact: SurveyFacts, today: date, policy: SurveyDispatch) -> Iterator[Nudge | Effect | NotDue]:
    wave = fact.wave
    if wave is None:
        yield from effects.prepare(fact, today, policy)
        return
    if wave.imported:
        yield from _replies(fact, wave, today, policy)
        return
    wave = dates.one_per_address(wave, today, policy)
    days = dates.open_days(fact, wave, policy)
    if all(each.invited_on is None for each in wave.invitations):
        yield _verdict(fact, wave, _list(fact, wave, days, policy), today, policy)
    for each in sorted(wave.invitations, key=lambda each: each.who.contact):
        if each.invited_on is None:
            yield effects.invite(fact, wave, days, each, today, policy)
        elif each.answered_on is not None:
            yield _verdict(fact, wave, _answer(fact, each, each.answered_on, policy), today, policy)
        elif wave.stopped:
            yield NotDue("call", "stopped", more={"wave": wave.id, "contact": each.who.contact})
        else:
            yield effects.remind(fact, wave, each, each.invited_on, today, policy)
            yield _verdict(fact, wave, _call(fact, each, each.invited_on, policy), today, policy)


def _replies(fact: SurveyFacts, wave: Wave, today: date, policy: SurveyDispatch) -> Iterator[Nudge | NotDue]:
    """Answers of another tool are news for as long as one of ours could be given; then they are history."""
    for each in sorted(wave.invitations, key=lambda each: each.who.contact):
        if each.answered_on is None:
            continue
        ask = _answer(fact, each, each.answered_on, policy)
        lapses = dates.closes_on(fact, each.answered_on, policy) + DAY
        yield _verdict(
            fact, wave, ask if isinstance(ask, NotDue) else ask._replace(lapses=lapses), today, policy
        )


def _verdict(
    fact: SurveyFacts, wave: Wave, ask: _Ask | NotDue, today: date, policy: SurveyDispatch
) -> Nudge | NotDue:
    if isinstance(ask, NotDue):
        return ask
    more = {"wave": wave.id} | ({"contact": ask.who.contact} if ask.who else {})
    if ask.done:
        return NotDue(ask.step, "done", more=more)
    if fact.begins is not None and ask.due_on < fact.begins:
        return NotDue(ask.step, "before_go_live", more=more)
    if ask.lapses is not None and today >= ask.lapses:
        return NotDue(ask.step, "passed", more=more)
    if fact.kam is None:
        return NotDue(ask.step, "no_kam", more=more)
    if today < ask.since:
        return NotDue(ask.step, "not_due", ask.since, more)
    return _nudge(fact, wave, ask, fact.kam.person, policy)


def _nudge(fact: SurveyFacts, wave: Wave, ask: _Ask, owner: int, policy: SurveyDispatch) -> Nudge:
    now = ask.stage == "detractor"
    ids = {"account": fact.account} | ({"contact": ask.who.contact} if ask.who else {})
    known = {} if ask.who is None else {"contact": ask.who.contact, "influence": ask.who.influence}
    lapses = ask.lapses.isoformat() if ask.lapses else None
    return Nudge(
        rule=RULE,
        subject=subject(**ids),
        period=str(wave.id),
        step=ask.step,
        account=fact.account,
        owner=owner,
        since=ask.since,
        due_on=ask.due_on,
        facts={"wave": wave.id, "lapses": lapses, **known, **ask.facts},
        why={
            "threshold": ask.stage or ask.step,
            "days": ask.days,
            "closes": ask.closes,
            "next": "head" if now else "nobody",
            "next_after": policy.head_after if now else None,
        },
        # An unhappy customer is told at once and does not wait in a group.
        group="" if now else f"{RULE}:{subject(person=owner)}",
        weight=WEIGHT[ask.stage or ask.step] + (dates.weight(ask.who) if ask.who else 0),
        urgency="now" if now else "daily",
        stage=ask.stage,
        closes_by="word",
    )


def _list(fact: SurveyFacts, wave: Wave, days: Window | None, policy: SurveyDispatch) -> _Ask | NotDue:
    if wave.stopped or days is None:
        return NotDue("list", "stopped" if wave.stopped else "no_meeting", more={"wave": wave.id})
    found = {
        each.who.contact: (each.who, dates.invite_on(fact, each.who, days, wave.id, policy))
        for each in wave.invitations
    }
    order = sorted(found.values(), key=lambda pair: (-dates.weight(pair[0]), pair[0].contact))
    able = [(who, day) for who, day in order if not isinstance(day, Refusal)]
    if not able:
        return NotDue("list", "nobody_may_be_asked", more={"wave": wave.id})
    first = min(day for _, day in able)
    since = dates.list_on(fact, first, policy)
    due_on = max(since, dates.kam_calendar(fact).add(first, -1))
    facts = {
        "send_on": first.isoformat(),
        "contacts": [effects.listed(who, day) for who, day in able],
        "refused": [effects.refused(who, no) for who, no in order if isinstance(no, Refusal)],
    }
    done = wave.listed_on is not None
    return _Ask("list", since, due_on, first, policy.list_before, "looked_through", facts, done=done)


def _answer(
    fact: SurveyFacts, invitation: Invitation, answered_on: date, policy: SurveyDispatch
) -> _Ask | NotDue:
    if invitation.score is None:
        return NotDue("answer", "no_score", more={"contact": invitation.who.contact})
    found = kind(invitation.score)
    days = {"detractor": policy.detractor, "passive": policy.passive, "promoter": policy.promoter}[found]
    facts = {"score": invitation.score, "kind": found, "answered_on": answered_on.isoformat()}
    replied = invitation.replied_on
    due_on = _due(fact.kam, fact, answered_on, days, now=found == "detractor")
    return _Ask(
        "answer",
        answered_on,
        due_on,
        None,
        days,
        "replied",
        facts,
        invitation.who,
        found,
        # What was said to an earlier answer does not count for a changed one.
        replied is not None and replied >= answered_on,
    )


def _call(
    fact: SurveyFacts, invitation: Invitation, invited_on: date, policy: SurveyDispatch
) -> _Ask | NotDue:
    who = invitation.who
    if (who.influence or 0) < policy.call_from:
        return NotDue("call", "reminder_instead", more={"contact": who.contact})
    # During talks no mail goes out, but the KAM may call.
    if no := once_invited(replace(who, talks=()), invited_on, policy):
        return NotDue("call", no.reason, no.until, {"contact": who.contact})
    since = fact.calendar.add(invited_on, policy.remind_after)
    closes_on = dates.closes_on(fact, invited_on, policy)
    due_on = min(_due(fact.kam, fact, since, policy.call_days), closes_on)
    facts = {"invited_on": invited_on.isoformat(), "closes_on": closes_on.isoformat()}
    called = invitation.called_on is not None
    return _Ask("call", since, due_on, closes_on + DAY, policy.call_days, "answered", facts, who, done=called)


def _due(kam: Asked | None, fact: SurveyFacts, since: date, days: int, *, now: bool = False) -> date:
    """Working days of the KAM later; only what cannot wait may lie in quiet weeks."""
    calendar = kam.calendar if kam else fact.calendar
    return calendar.add(since, days) if now else max(since, days_after(since, days, calendar, fact.quiet))

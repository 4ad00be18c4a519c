"""What a survey does by itself: a wave is put together, people are invited and reminded once."""

from dataclasses import replace
from datetime import date
from typing import Any

from kamflow.figures import survey_dates as dates
from kamflow.figures import survey_governor as governor
from kamflow.figures.not_due import NotDue
from kamflow.figures.survey_dates import Choice, Window
from kamflow.figures.survey_facts import Invitation, SurveyFacts, Wave
from kamflow.figures.survey_governor import Candidate, Refusal
from kamflow.nudge import Effect, subject
from kamflow.thresholds import SurveyDispatch


def prepare(fact: SurveyFacts, today: date, policy: SurveyDispatch) -> list[Effect | NotDue]:
    """Put a wave together some days before the KAM sees its list; refusals say why."""
    if fact.account_class not in policy.classes:
        return [NotDue("wave", "no_survey_for_class")]
    if fact.meeting is None:
        return [NotDue("wave", "no_meeting")]
    days = _since_go_live(fact, dates.window(fact, fact.meeting, policy))
    send_on = _send_on(fact, days, today, policy)
    if isinstance(send_on, NotDue):
        return [send_on]
    choice = dates.choose(fact, Window(send_on, days.last), policy)
    refusals = [_refused("wave", who, no or "wave_full") for who, no in choice.refused]
    if not choice.chosen:
        return [*refusals, NotDue("wave", "nobody_may_be_asked", more={"refused": len(refusals)})]
    return [*refusals, _create(fact, fact.meeting, send_on, choice, policy)]


def invite(
    fact: SurveyFacts,
    wave: Wave,
    days: Window | None,
    asked: Invitation,
    today: date,
    policy: SurveyDispatch,
) -> Effect | NotDue:
    """Invite one contact, from its first day on until the window closes. `days` None: no meeting.

    A mail that its check called back is sent again once nothing speaks against it, at most once a day.
    """
    who, more = asked.who, {"contact": asked.who.contact}
    if wave.stopped or days is None:
        return NotDue("invite", "stopped" if wave.stopped else "no_meeting", more=more)
    on = dates.invite_on(fact, who, days, wave.id, policy)
    if isinstance(on, Refusal):
        return _refused("invite", who, on)
    if asked.unsent is not None:
        return NotDue("invite", asked.unsent, more=more)
    if today < on:
        return NotDue("invite", "not_due", on, more)
    if today > days.last:
        return NotDue("invite", "window_passed", more=more)
    if no := governor.refusal(who, today, wave.id, fact.quiet, policy):
        return _refused("invite", who, no)
    mail = _mail(("invite", "invitation"), fact, wave, who, Window(on, days.last), policy)
    return replace(mail, revision=(today - wave.send_on).days + 1) if asked.again else mail


def remind(
    fact: SurveyFacts,
    wave: Wave,
    invitation: Invitation,
    invited_on: date,
    today: date,
    policy: SurveyDispatch,
) -> Effect | NotDue:
    """Remind one contact once, before its invitation closes."""
    who, more = invitation.who, {"contact": invitation.who.contact}
    on, closes_on = dates.remind_on(fact, who, invited_on, policy), dates.closes_on(fact, invited_on, policy)
    if on is None:
        return NotDue("remind", "no_day_in_window", more=more)
    if (who.influence or 0) >= policy.call_from:
        return NotDue("remind", "call_instead", more=more)
    if today < on:
        return NotDue("remind", "not_due", on, more)
    if today >= closes_on:
        return NotDue("remind", "closed", more=more)
    no = governor.once_invited(who, today, policy) or governor.of_the_day(who, today, fact.quiet, policy)
    if no is not None:
        return _refused("remind", who, no)
    return _mail(("remind", "reminder"), fact, wave, who, Window(on, closes_on), policy)


def listed(who: Candidate, day: date) -> dict[str, Any]:
    """A contact on a list, for facts."""
    return {
        "contact": who.contact,
        "influence": who.influence,
        "day": day.isoformat(),
        "warnings": list(governor.warnings(who)),
    }


def refused(who: Candidate, no: Refusal | None) -> dict[str, Any]:
    """A contact not on a list, for facts."""
    until = no.until if no else None
    return {
        "contact": who.contact,
        "reason": no.reason if no else "wave_full",
        "until": until.isoformat() if until else None,
    }


def _send_on(fact: SurveyFacts, days: Window, today: date, policy: SurveyDispatch) -> date | NotDue:
    """When a wave that is put together today is sent, or why it is not put together today."""
    if fact.begins is not None and days.last < fact.begins:
        return NotDue("wave", "before_go_live")
    ideal = dates.first_send_on(fact, days, policy, date.min)
    if ideal is None:
        return NotDue("wave", "no_day_in_window")
    on = dates.prepare_on(fact, ideal, policy)
    if today < on:
        return NotDue("wave", "not_due", on, {"send_on": ideal.isoformat()})
    late = dates.first_send_on(fact, days, policy, today)
    return late or NotDue("wave", "window_passed", more={"last": days.last.isoformat()})


def _since_go_live(fact: SurveyFacts, days: Window) -> Window:
    return days if fact.begins is None else Window(max(days.first, fact.begins), days.last)


def _refused(step: str, who: Candidate, no: Refusal | str) -> NotDue:
    reason, until = (no, None) if isinstance(no, str) else no
    return NotDue(step, reason, until, {"contact": who.contact})


def _create(
    fact: SurveyFacts, meeting: date, send_on: date, choice: Choice, policy: SurveyDispatch
) -> Effect:
    facts = {
        "send_on": send_on.isoformat(),
        "list_on": dates.list_on(fact, send_on, policy).isoformat(),
        "meeting": meeting.isoformat(),
        "contacts": [listed(who, day) for who, day in choice.chosen],
        "refused": [refused(who, no) for who, no in choice.refused],
    }
    ids = subject(account=fact.account)
    return Effect("create_wave", ids, str(fact.year), "wave", fact.account, facts)


def _mail(
    names: tuple[str, str],
    fact: SurveyFacts,
    wave: Wave,
    who: Candidate,
    days: Window,
    policy: SurveyDispatch,
) -> Effect:
    """Effect and step are `names`; `days`: from when, and until when the mail is of use."""
    facts = {
        "wave": wave.id,
        "contact": who.contact,
        "on": days.first.isoformat(),
        "weekdays": list(policy.weekdays),
        "from": policy.send_from,
        "until": policy.send_until,
        "last": days.last.isoformat(),
    }
    ids = subject(account=fact.account, contact=who.contact)
    return Effect(names[0], ids, str(wave.id), names[1], fact.account, facts)

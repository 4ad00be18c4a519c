"""The check of a survey's mail before it leaves.

The governor that chose the contact is asked once more: an objection, a struck name, a cancelled meeting since
then cancel the mail; the wrong hour, a pause or a day off puts it off, as long as it is of use. A reminder
does not leave before its invitation.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kamflow.errors import InputError
from kamflow.figures import survey_dates, survey_governor
from kamflow.figures.survey_dates import Window
from kamflow.figures.survey_governor import Refusal
from kamflow.store.survey_sending import Sending
from kamflow.thresholds import SurveyDispatch
from notifications.outbox import Claimed
from notifications.unsent import Cancelled, Later

DAY = timedelta(days=1)
FIRST = "invitation"  # the step of the first mail; the other one is the reminder
# What ends by itself or by a person's hand, so that the mail may still go out.
PASSING = frozenset({"paused", "complaint"})


def against(
    message: Claimed, sending: Sending, now: datetime, zone: ZoneInfo, policy: SurveyDispatch
) -> Cancelled | Later | None:
    """What speaks against sending it now; `zone` is the contact's."""
    today = now.astimezone(zone).date()
    refused = _refused(message, sending, today, policy)
    if refused is not None and refused.until is None and refused.reason not in PASSING:
        return Cancelled(refused.reason)
    days = _days(message, sending, policy)
    if isinstance(days, Cancelled):
        return days
    if today > days.last:
        return Cancelled("too-late")
    at = _next_moment(sending, now, zone, _from(days, today, refused), policy)
    if at is not None and at <= now:
        return None
    if at is None or at.astimezone(zone).date() > days.last:
        return Cancelled(refused.reason if refused else "too-late")
    if refused is not None:
        return Later(at, refused.reason)
    return Later(at, "outside-hours" if today >= days.first else "too-early")


def _days(message: Claimed, sending: Sending, policy: SurveyDispatch) -> Window | Cancelled:
    """The days on which the mail is of use, by what is known now: the meeting, the invitation."""
    fact, asked = sending.fact, sending.asked
    if message.facts["step"] == FIRST:
        days = survey_dates.open_days(fact, fact.wave, policy) if fact.wave is not None else None
        return days or Cancelled("no_meeting")
    if asked.invited_on is None:
        return Cancelled("not-asked")
    on = survey_dates.remind_on(fact, asked.who, asked.invited_on, policy)
    if on is None:
        return Cancelled("no_day_in_window")
    # On the day it closes nobody is reminded any more.
    return Window(on, survey_dates.closes_on(fact, asked.invited_on, policy) - DAY)


def _refused(message: Claimed, sending: Sending, today: date, policy: SurveyDispatch) -> Refusal | None:
    if message.facts["step"] == FIRST:
        return survey_governor.lasting(sending.asked.who, today, sending.wave, policy)
    return survey_governor.once_invited(sending.asked.who, today, policy)


def _from(days: Window, today: date, refused: Refusal | None) -> date:
    """The first day that comes into question; after today where something speaks against it."""
    if refused is None:
        return max(days.first, today)
    return max(days.first, today + DAY, refused.until or today)


def _next_moment(
    sending: Sending, now: datetime, zone: ZoneInfo, first: date, policy: SurveyDispatch
) -> datetime | None:
    """The next hours for surveys from a day on; None: there are none."""
    today = now.astimezone(zone).date()
    begin = datetime.combine(first, time(), zone) if first > today else now
    try:
        return survey_dates.moment(sending.fact, sending.asked.who, zone.key, begin, policy)
    except InputError:
        return None

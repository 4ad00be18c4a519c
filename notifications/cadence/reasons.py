"""Is a person to be told of a nudge today, and why?

It is told when it opens, when its stage changes, when it comes back after a silence, on its due date,
then every few working days while overdue, twice at most. After that it stays in the list and the count.
"""

from datetime import date
from typing import NamedTuple

from kamflow.policy import Cadence
from kamflow.store.people import Member
from kamflow.store.tellings import OpenNudge, Reason, Told


class Worth(NamedTuple):
    """Worth telling because of `reason`, from the day `since`, as the person's `number`-th telling.

    `reminder`: the how-manieth reminder that is for its reader, 0 where it is none. For a step of the
    ladder `number` is the step; `overdue` working days (before the due date: negative).
    """

    reason: Reason
    since: date
    number: int
    reminder: int = 0
    overdue: int | None = None


def silent(nudge: OpenNudge, today: date) -> bool:
    """Tell whether it was snoozed, or said to be done, until a later day."""
    until = _speaks_again(nudge)
    return until is not None and today < until


def worth(nudge: OpenNudge, reader: Member, today: date, policy: Cadence) -> Worth | None:
    """Why the person responsible is told on this working day of theirs, if at all."""
    told = tellings(nudge, reader.id)
    if silent(nudge, today) or _lost_today(told, today):
        return None
    lasting = [each for each in told if not (each.lost or each.unsent)]
    found = _news(nudge, lasting, today) or _deadline(nudge, lasting, reader, today, policy)
    return found and _worth(nudge, found, told)


def news(nudge: OpenNudge, stand_in: int, today: date) -> Worth | None:
    """Why a stand-in is told: of what is new only, since the absent person's clock stands still."""
    told = tellings(nudge, stand_in)
    if silent(nudge, today) or _lost_today(told, today):
        return None
    found = _news(nudge, [each for each in told if not each.lost], today)
    return found and _worth(nudge, found, told)


def tellings(nudge: OpenNudge, person: int) -> list[Told]:
    """What the person was told as the one to act; a step of the ladder is not."""
    return [each for each in nudge.told if each.person == person and each.reason != "ladder"]


def _worth(nudge: OpenNudge, found: tuple[Reason, date], told: list[Told]) -> Worth:
    reason, since = found
    # Only what reached the reader, and about the present date, is a reminder they know of.
    known = sum(
        each.reason == "overdue" and each.on >= nudge.due_on and not (each.lost or each.unsent)
        for each in told
    )
    return Worth(reason, since, len(told) + 1, known + 1 if reason == "overdue" else 0)


def _news(nudge: OpenNudge, told: list[Told], today: date) -> tuple[Reason, date] | None:
    back = _speaks_again(nudge)
    if not told:
        return "opened", max(nudge.opened_on, back or nudge.opened_on)
    if told[-1].stage != nudge.stage:
        return "stage", nudge.staged_on
    if back is None or told[-1].on >= back:
        return None
    if back == nudge.quiet_until:
        return "back", back
    # A snooze was asked for: its end is told even where the reminders were used up.
    return ("overdue" if nudge.due_on < today else "due"), back


def _deadline(
    nudge: OpenNudge, told: list[Told], reader: Member, today: date, policy: Cadence
) -> tuple[Reason, date] | None:
    if today < nudge.due_on:
        return None
    # A due date on a day off is told on the first day after it: until then nothing is overdue.
    due = reader.calendar.on_or_after(nudge.due_on)
    since = [each for each in told if each.on >= nudge.due_on]
    if not since:
        return ("due" if today <= due else "overdue"), due
    repeats = sum(each.reason == "overdue" for each in since[1:])
    waited = reader.calendar.between(since[-1].on, today)
    if today <= due or repeats >= policy.repeats or waited < policy.repeat_every:
        return None
    return "overdue", reader.calendar.add(since[-1].on, policy.repeat_every)


def _lost_today(told: list[Told], today: date) -> bool:
    """What could not be delivered is told anew, but not before the next day."""
    return any(each.lost and each.on >= today for each in told)


def _speaks_again(nudge: OpenNudge) -> date | None:
    """The day on which the latest silence ends."""
    return max((day for day in (nudge.snoozed_until, nudge.quiet_until) if day), default=None)

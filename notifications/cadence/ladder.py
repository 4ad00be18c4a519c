"""Who else is told of what stays open: each step of a nudge's ladder once, about the customer.

A nudge names its steps in `why`: {"next": "head", "next_after": 10} and, for a second one, {"then": "head",
"then_after": 1}. The figures are working days overdue, negative before the due date, counted as the person
responsible works: their absence stops the clock. Who is responsible hears of it first. A silence asked for
stops the ladder, up to the last day to which one may put something off.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from kamflow.policy import Cadence
from kamflow.store.people import Member, People
from kamflow.store.tellings import OpenNudge, Told
from notifications.cadence.reasons import Worth
from notifications.cadence.rhythm import local

_NAMES = (("next", "next_after"), ("then", "then_after"))
_KNOWN = ("head", "lead")
_DAY = timedelta(days=1)


class Step(NamedTuple):
    """The how-manieth step: who is told after how many working days overdue."""

    number: int
    to: str
    after: int


class Climb(NamedTuple):
    """A nudge that climbs to somebody."""

    nudge: OpenNudge
    person: int
    worth: Worth


def steps(why: Mapping[str, Any]) -> tuple[Step, ...]:
    """The steps a nudge names, in order; none where nobody else is told."""
    named = ((number, why.get(to), why.get(after)) for number, (to, after) in enumerate(_NAMES, start=1))
    return tuple(Step(n, to, after) for n, to, after in named if to in _KNOWN and isinstance(after, int))


def climbing(
    nudges: Iterable[OpenNudge], people: People, now: datetime, policy: Cadence
) -> dict[int, list[Climb]]:
    """Everything that climbs at this moment, by the person who is told."""
    found: dict[int, list[Climb]] = {}
    for nudge in nudges:
        for climb in _climbs(nudge, people, now, policy):
            found.setdefault(climb.person, []).append(climb)
    return found


def on(step: Step, nudge: OpenNudge, responsible: Member) -> date:
    """The day from which a step is told."""
    if step.after < 0:
        return responsible.calendar.add(nudge.due_on, step.after)
    # A due date on a day off is one on the first day after it: until then nothing is overdue.
    return responsible.calendar.add(responsible.calendar.on_or_after(nudge.due_on), step.after)


def _climbs(nudge: OpenNudge, people: People, now: datetime, policy: Cadence) -> Iterator[Climb]:
    wanted = [step for step in steps(nudge.why) if not _told(nudge, step)]
    responsible = people.get(nudge.responsible)
    if not wanted or responsible is None:
        return
    today = local(responsible, now).date()
    heard = _heard(nudge, {nudge.owner, responsible.id, *people.stand_ins(responsible.id)})
    free = _free_from(nudge, responsible, today, heard, policy)
    if free is None or today < free:
        return
    overdue = _overdue(nudge, responsible, today)
    came = [(step, max(on(step, nudge, responsible), free)) for step in wanted]
    hear_more = {(each.person, number) for each in _ladder(nudge) for number in range(1, each.number)}
    # A later step says more: whoever reads both, as lead and as head, hears of that one only.
    for step, since in reversed([(step, since) for step, since in came if since <= today]):
        person = _reader(step, nudge, people, today)
        if person is not None and (person, step.number) not in hear_more:
            hear_more |= {(person, number) for number in range(1, step.number)}
            yield Climb(nudge, person, Worth("ladder", since, step.number, overdue=overdue))


def _free_from(
    nudge: OpenNudge, responsible: Member, today: date, heard: date | None, policy: Cadence
) -> date | None:
    """From when nothing holds the ladder; None: something does, and nobody knows until when."""
    if responsible.left(today):
        return nudge.opened_on
    if responsible.absent(today):
        return None
    away = [last + _DAY for _, last in responsible.absences if last < today]
    if heard is None and responsible.digest != "none":
        return None
    silence = [day for day in (nudge.snoozed_until, nudge.quiet_until) if day]
    limit = responsible.calendar.add(nudge.due_on, policy.snooze_past_due)
    ends = [min(max(silence), limit)] if silence else []
    return max([nudge.opened_on, *away, *ends, *([heard + _DAY] if heard else [])])


def _heard(nudge: OpenNudge, concerned: set[int | None]) -> date | None:
    """The day on which one of those concerned was first told. Whoever had it before does not count."""
    told = (each for each in nudge.told if each.reason != "ladder" and not each.lost)
    return min((each.on for each in told if each.person in concerned), default=None)


def _told(nudge: OpenNudge, step: Step) -> bool:
    return any(each.number == step.number for each in _ladder(nudge))


def _ladder(nudge: OpenNudge) -> Iterator[Told]:
    """What was told of its ladder and arrived."""
    return (each for each in nudge.told if each.reason == "ladder" and not (each.lost or each.unsent))


def _reader(step: Step, nudge: OpenNudge, people: People, today: date) -> int | None:
    """The head nearest above whom it is about, or the department's lead; a sponsor never."""
    about = nudge.kam or nudge.owner or nudge.responsible
    asked = people.heads_of(about) if step.to == "head" else [nudge.lead]
    involved = (None, nudge.owner, nudge.responsible)
    fitting = (people[each] for each in asked if each not in involved and each in people.members)
    return next((each.id for each in fitting if not (each.left(today) or each.sponsor)), None)


def _overdue(nudge: OpenNudge, responsible: Member, today: date) -> int:
    if today < nudge.due_on:
        return responsible.calendar.between(nudge.due_on, today)
    return responsible.calendar.between(responsible.calendar.on_or_after(nudge.due_on), today)

"""Which open nudge is told to whom, when and why (pure).

Urgent nudges go at once, within office hours. Everything else waits for the person's digest: the
heaviest items up to the budget, the rest in one line. Only what is listed counts as told, so the rest
competes again in the next digest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from kamflow.policy import Cadence
from kamflow.store.people import Member, People
from kamflow.store.tellings import LastDigest, OpenNudge, Reason
from kamflow.workdays import Quiet
from notifications.cadence import ladder
from notifications.cadence.audience import listener
from notifications.cadence.ladder import Climb
from notifications.cadence.paused import Old
from notifications.cadence.reasons import Worth, silent, tellings, worth
from notifications.cadence.rhythm import Slot, digest_due, local
from notifications.cadence.start import STARTED, Start

NEVER = LastDigest()


@dataclass(frozen=True, slots=True)
class Line:
    """A nudge as it is told, for the `number`-th time. `along`: shown with its group, but not told anew;
    `reminder`: the how-manieth reminder it is; `overdue`: working days of what climbed."""

    nudge: int
    reason: Reason
    number: int
    stage: str = ""
    for_person: int | None = None
    along: bool = False
    reminder: int = 0
    overdue: int | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one person is told in one message: items of lines, and how many open items are not listed.

    `without_kam` counts the accounts that nobody looks after: said to a head of KAM once a week. `paused`
    names the old data that reminders wait for; `back`: some did until now.
    """

    key: str
    person: int
    template: str
    occasion: str
    day: date
    items: tuple[tuple[Line, ...], ...]
    more: int = 0
    without_kam: int = 0
    paused: tuple[Old, ...] = ()
    back: bool = False

    @property
    def told(self) -> tuple[Line, ...]:
        return tuple(line for item in self.items for line in item if not line.along)

    @property
    def trace(self) -> str | None:
        """That of the first nudge that is told."""
        return next((line.trace for line in self.told if line.trace), None)


@dataclass(frozen=True, slots=True)
class _Item:
    """Open nudges of one person that count as one, with those worth telling."""

    nudges: tuple[OpenNudge, ...]
    worth: Mapping[int, Worth]

    @property
    def rank(self) -> tuple[float, date, int]:
        """The heaviest first, then what is due first."""
        worthy = [nudge for nudge in self.nudges if nudge.id in self.worth]
        first = min(nudge.due_on for nudge in worthy)
        return -max(nudge.weight for nudge in worthy), first, worthy[0].id


def due_digests(
    people: People,
    last: Mapping[int, LastDigest],
    now: datetime,
    policy: Cadence,
    quiet: Quiet,
    start: Start = STARTED,
) -> dict[int, Slot]:
    """Persons whose digest would be due now, if there is anything to tell."""
    slots = {
        person: digest_due(member, last.get(person, NEVER), now, policy, quiet)
        for person, member in people.items()
        if start.speaks_to(person, local(member, now).date())
    }
    return {person: slot for person, slot in slots.items() if slot is not None}


def decide(
    nudges: Iterable[OpenNudge],
    people: People,
    last: Mapping[int, LastDigest],
    now: datetime,
    policy: Cadence,
    quiet: Quiet,
    start: Start = STARTED,
) -> list[Announcement]:
    """What is told to whom at this moment.

    `nudges` holds every urgent one, all that the persons of `due_digests` are responsible for, and what
    may climb to them.
    """
    slots = due_digests(people, last, now, policy, quiet, start)
    by_person: dict[int, list[OpenNudge]] = {}
    urgent: list[Announcement] = []
    nudges = list(nudges)
    for nudge in nudges:
        by_person.setdefault(nudge.responsible, []).append(nudge)
        if nudge.urgency == "now":
            urgent += _at_once(nudge, people, now, policy)
    climbing = ladder.climbing(nudges, people, now, policy)
    digests = (
        _digest(people[person], slot, by_person.get(person, []), climbing.get(person, []), now, policy, start)
        for person, slot in slots.items()
    )
    said = urgent + [digest for digest in digests if digest]
    return [each for each in said if not start.silent(each.day)]


def _at_once(nudge: OpenNudge, people: People, now: datetime, policy: Cadence) -> list[Announcement]:
    found = listener(nudge, people, now, policy)
    if found is None:
        return []
    worthy = found.worth
    line = Line(
        nudge.id,
        worthy.reason,
        worthy.number,
        nudge.stage,
        found.for_person,
        reminder=worthy.reminder,
        trace=nudge.trace,
    )
    day = local(people[found.person], now).date()
    key = f"now:{nudge.id}:{worthy.number}:{found.person}"
    return [Announcement(key, found.person, "now", "now", day, ((line,),))]


def _digest(
    member: Member,
    slot: Slot,
    nudges: list[OpenNudge],
    climbing: list[Climb],
    now: datetime,
    policy: Cadence,
    start: Start,
) -> Announcement | None:
    today = local(member, now).date()
    items = [*_items(nudges, member, today, policy), *_climbed(climbing)]
    due = sorted((item for item in items if item.worth), key=attrgetter("rank"))
    since = [worthy.since for item in due for worthy in item.worth.values()]
    # What came up while kamflow was not to speak yet came up when it began to.
    first = max(min(since, default=today), start.begins(member.id) or date.min)
    # What came up after the slot waits for the next one, unless something had to be told in this one.
    if not since or first > slot.day:
        return None
    budget = start.items(member, today, policy.items)
    listed = tuple(_lines(item, member.id) for item in due[:budget])
    return Announcement(
        f"digest:{member.id}:{today.isoformat()}",
        member.id,
        "digest",
        _occasion(slot, today, first),
        today,
        listed,
        len(items) - len(listed),
    )


def _climbed(climbs: list[Climb]) -> list[_Item]:
    """What climbs to somebody is one item per rule and step: about customers, not about who is late."""
    kinds = sorted(climbs, key=_kind)
    grouped = (list(group) for _, group in groupby(kinds, _kind))
    return [
        _Item(tuple(climb.nudge for climb in group), {climb.nudge.id: climb.worth for climb in group})
        for group in grouped
    ]


def _kind(climb: Climb) -> tuple[str, int]:
    return climb.nudge.rule, climb.worth.number


def _items(nudges: list[OpenNudge], member: Member, today: date, policy: Cadence) -> list[_Item]:
    loud = [nudge for nudge in nudges if not silent(nudge, today)]
    grouped = groupby(sorted(loud, key=lambda nudge: (nudge.item, nudge.id)), attrgetter("item"))
    return [_item(tuple(group), member, today, policy) for _, group in grouped]


def _item(nudges: tuple[OpenNudge, ...], member: Member, today: date, policy: Cadence) -> _Item:
    found = ((n.id, worth(n, member, today, policy)) for n in nudges if n.urgency != "now")
    return _Item(nudges, {number: worthy for number, worthy in found if worthy is not None})


def _lines(item: _Item, person: int) -> tuple[Line, ...]:
    lines = (_line(nudge, item.worth.get(nudge.id), person) for nudge in item.nudges)
    order = {nudge.id: (nudge.due_on, nudge.id) for nudge in item.nudges}
    return tuple(sorted((line for line in lines if line), key=lambda line: order[line.nudge]))


def _line(nudge: OpenNudge, worthy: Worth | None, person: int) -> Line | None:
    if worthy is not None:
        return Line(
            nudge.id,
            worthy.reason,
            worthy.number,
            nudge.stage,
            reminder=worthy.reminder,
            overdue=worthy.overdue,
            trace=nudge.trace,
        )
    told = tellings(nudge, person)
    if not told:
        return None
    # Shown beside the others of its group; "due" says nothing more than its date.
    return Line(nudge.id, "due", told[-1].number, nudge.stage, along=True)


def _occasion(slot: Slot, today: date, since: date) -> str:
    if slot.returning:
        return "return"
    # What came up on the very day may have done so in the evening: that is no sign of downtime.
    missed = slot.missed is not None and since < slot.missed
    late = slot.day < today and since < slot.day
    return "catch-up" if missed or late else "daily"

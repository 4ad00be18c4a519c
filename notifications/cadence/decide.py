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
from notifications.cadence.audience import listener
from notifications.cadence.reasons import Worth, silent, tellings, worth
from notifications.cadence.rhythm import Slot, digest_due, local

NEVER = LastDigest()


@dataclass(frozen=True, slots=True)
class Line:
    """A nudge as it is told, for the `number`-th time. `along`: shown with its group, but not told anew."""

    nudge: int
    reason: Reason
    number: int
    stage: str = ""
    for_person: int | None = None
    along: bool = False
    reminder: int = 0


@dataclass(frozen=True, slots=True)
class Announcement:
    """What one person is told in one message: items of lines, and how many open items are not listed."""

    key: str
    person: int
    template: str
    occasion: str
    day: date
    items: tuple[tuple[Line, ...], ...]
    more: int = 0

    @property
    def told(self) -> tuple[Line, ...]:
        return tuple(line for item in self.items for line in item if not line.along)


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
    people: People, last: Mapping[int, LastDigest], now: datetime, policy: Cadence, quiet: Quiet
) -> dict[int, Slot]:
    """Persons whose digest would be due now, if there is anything to tell."""
    slots = {
        person: digest_due(member, last.get(person, NEVER), now, policy, quiet)
        for person, member in people.items()
    }
    return {person: slot for person, slot in slots.items() if slot is not None}


def decide(
    nudges: Iterable[OpenNudge],
    people: People,
    last: Mapping[int, LastDigest],
    now: datetime,
    policy: Cadence,
    quiet: Quiet,
) -> list[Announcement]:
    """What is told to whom at this moment.

    `nudges` holds every urgent one, and all that the persons of `due_digests` are responsible for.
    """
    slots = due_digests(people, last, now, policy, quiet)
    by_person: dict[int, list[OpenNudge]] = {}
    urgent: list[Announcement] = []
    for nudge in nudges:
        by_person.setdefault(nudge.responsible, []).append(nudge)
        if nudge.urgency == "now":
            urgent += _at_once(nudge, people, now, policy)
    digests = (
        _digest(people[person], slot, by_person.get(person, []), now, policy)
        for person, slot in slots.items()
    )
    return urgent + [digest for digest in digests if digest]


def _at_once(nudge: OpenNudge, people: People, now: datetime, policy: Cadence) -> list[Announcement]:
    found = listener(nudge, people, now, policy)
    if found is None:
        return []
    worthy = found.worth
    line = Line(
        nudge.id, worthy.reason, worthy.number, nudge.stage, found.for_person, reminder=worthy.reminder
    )
    day = local(people[found.person], now).date()
    key = f"now:{nudge.id}:{worthy.number}:{found.person}"
    return [Announcement(key, found.person, "now", "now", day, ((line,),))]


def _digest(
    member: Member, slot: Slot, nudges: list[OpenNudge], now: datetime, policy: Cadence
) -> Announcement | None:
    today = local(member, now).date()
    items = _items(nudges, member, today, policy)
    due = sorted((item for item in items if item.worth), key=attrgetter("rank"))
    since = [worthy.since for item in due for worthy in item.worth.values()]
    # What came up after the slot waits for the next one, unless something had to be told in this one.
    if not since or min(since) > slot.day:
        return None
    listed = tuple(_lines(item, member.id) for item in due[: policy.items])
    return Announcement(
        f"digest:{member.id}:{today.isoformat()}",
        member.id,
        "digest",
        _occasion(slot, today, min(since)),
        today,
        listed,
        len(items) - len(listed),
    )


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
        return Line(nudge.id, worthy.reason, worthy.number, nudge.stage, reminder=worthy.reminder)
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

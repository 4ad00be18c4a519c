"""What a digest says of reminders that wait for data, and the one catch-up when it is back (pure).

Held nudges stay open and are not told. Whoever has some reads why, in the digest that comes anyway or, once,
in one that says nothing else. The first digest that tells them again is a catch-up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from kamflow.policy import Cadence
from kamflow.store.people import Member, People
from kamflow.store.tellings import OpenNudge
from notifications.cadence.decide import Announcement
from notifications.cadence.paused import Old, Paused
from notifications.cadence.reasons import silent, worth
from notifications.cadence.rhythm import Slot, local
from notifications.cadence.start import STARTED, Start


def parted(nudges: Iterable[OpenNudge], paused: Paused) -> tuple[list[OpenNudge], list[OpenNudge]]:
    """The nudges that may be told, and those that wait for data."""
    told: list[OpenNudge] = []
    held: list[OpenNudge] = []
    for nudge in nudges:
        (held if paused.holds(nudge) else told).append(nudge)
    return told, held


def noted(  # noqa: PLR0913, PLR0917 - what the cadence knows of a moment
    said: Iterable[Announcement],
    told: Iterable[OpenNudge],
    held: Iterable[OpenNudge],
    paused: Paused,
    people: People,
    slots: Mapping[int, Slot],
    now: datetime,
    policy: Cadence,
    start: Start = STARTED,
) -> list[Announcement]:
    """What is said, with what waits and what came back; digests that only say what waits come last."""
    said = list(said)
    waiting: dict[int, list[OpenNudge]] = {}
    for nudge in held:
        waiting.setdefault(nudge.responsible, []).append(nudge)
    rules = {nudge.id: nudge.rule for nudge in told}
    digests = {each.person for each in said if each.template == "digest"}
    alone = (
        _alone(people[person], slot, waiting[person], paused, now, policy)
        for person, slot in slots.items()
        if person in waiting and person not in digests
    )
    return [
        *(_with(each, rules, waiting.get(each.person, []), paused) for each in said),
        *(each for each in alone if each and not start.silent(each.day)),
    ]


def _with(
    said: Announcement, rules: Mapping[int, str], waiting: list[OpenNudge], paused: Paused
) -> Announcement:
    if said.template != "digest":
        return said
    back = paused.back(said.person, (rules[line.nudge] for line in said.told if line.nudge in rules))
    occasion = "catch-up" if back and said.occasion == "daily" else said.occasion
    return replace(said, occasion=occasion, back=back, paused=_why(waiting, said, paused))


def _why(waiting: list[OpenNudge], said: Announcement, paused: Paused) -> tuple[Old, ...]:
    return paused.why(nudge.rule for nudge in waiting if not silent(nudge, said.day))


def _alone(
    member: Member, slot: Slot, waiting: list[OpenNudge], paused: Paused, now: datetime, policy: Cadence
) -> Announcement | None:
    """A digest that says only what waits: once, to whom would have been told of it now."""
    today = local(member, now).date()
    found = ((nudge, worth(nudge, member, today, policy)) for nudge in waiting if not silent(nudge, today))
    missed = {nudge.rule for nudge, worthy in found if worthy is not None and worthy.since <= slot.day}
    if not missed - paused.told.get(member.id, frozenset()):
        return None
    key = f"digest:{member.id}:{today.isoformat()}"
    return Announcement(key, member.id, "digest", "daily", today, (), paused=paused.why(missed))

"""Who is told of what cannot wait: the person responsible, or who stands in while they are away."""

from datetime import datetime
from typing import NamedTuple

from kamflow.policy import Cadence
from kamflow.store.people import Member, People
from kamflow.store.tellings import OpenNudge
from notifications.cadence.reasons import Worth, news, tellings, worth
from notifications.cadence.rhythm import can_hear, local


class Listener(NamedTuple):
    """Who is told, why, and in place of whom."""

    person: int
    worth: Worth
    for_person: int | None = None


def listener(nudge: OpenNudge, people: People, now: datetime, policy: Cadence) -> Listener | None:
    """Who is told of an urgent nudge right now, if anybody."""
    responsible = people.get(nudge.responsible)
    if responsible is None:
        return None
    today = local(responsible, now).date()
    if responsible.absent(today) or responsible.left(today):
        return _stand_in(nudge, responsible, people, now, policy)
    if not can_hear(responsible, now, policy):
        return None
    found = worth(nudge, responsible, today, policy)
    return found and Listener(responsible.id, found)


def _stand_in(
    nudge: OpenNudge, away: Member, people: People, now: datetime, policy: Cadence
) -> Listener | None:
    """The first stand-in at work today. Who was told first keeps it while at work, so that not two act.

    A sponsor stands in for sponsors only: what others have to do is not told to them.
    """
    others = [people[other] for other in people.stand_ins(away.id)]
    fitting = [other for other in others if away.sponsor or not other.sponsor]
    told = [other for other in fitting if any(not each.lost for each in tellings(nudge, other.id))]
    if told and not any(news(nudge, other.id, local(other, now).date()) for other in told):
        return None
    here = [other for other in (*told, *fitting) if other.works(local(other, now).date())]
    for other in here[:1]:
        found = news(nudge, other.id, local(other, now).date()) if can_hear(other, now, policy) else None
        return found and Listener(other.id, found, away.id)
    return None

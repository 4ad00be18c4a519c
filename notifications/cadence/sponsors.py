"""Sponsors are asked seldom: at once only about key accounts, and not more than a few times a month.

What else concerns them waits for their digest.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kamflow.policy import Sponsors
from kamflow.store.people import People
from kamflow.store.tellings import OpenNudge
from notifications.cadence.decide import Announcement


def spared(
    nudges: Iterable[OpenNudge], people: People, asked: Mapping[int, int], policy: Sponsors
) -> list[OpenNudge]:
    """The nudges, with what a sponsor is not to be asked at once left to the digest.

    `asked` counts the urgent messages each person had this month.
    """

    def waits(nudge: OpenNudge) -> bool:
        reader = people.get(nudge.responsible)
        if nudge.urgency != "now" or reader is None or not reader.sponsor:
            return False
        return nudge.account_class not in policy.classes or asked.get(reader.id, 0) >= policy.asks

    return [replace(nudge, urgency="daily") if waits(nudge) else nudge for nudge in nudges]


def few(
    said: Iterable[Announcement], people: People, asked: Mapping[int, int], policy: Sponsors
) -> list[Announcement]:
    """What is said, without the asks that are too many within one moment: they wait for the digest."""
    kept: list[Announcement] = []
    asks = Counter(asked)
    for each in said:
        if each.template == "now" and people[each.person].sponsor:
            asks[each.person] += 1
            if asks[each.person] > policy.asks:
                continue
        kept.append(each)
    return kept

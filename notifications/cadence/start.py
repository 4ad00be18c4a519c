"""How telling begins in a new home: shadow days without a word, then few items a day for some days.

During the shadow everything is decided and nothing told but one welcome a person. Whoever joins later is
welcomed too, before the first digest, and has the same gentle first days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from kamflow.store.people import Member

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Start:
    """`told_from` is the first day on which nudges are told; None: kamflow speaks, and always did.

    `welcomed` is the day of each person's welcome. For `ramp_days` of a person's own working days from then
    on a digest has at most `ramp_items` items.
    """

    told_from: date | None = None
    ramp_days: int = 0
    ramp_items: int = 0
    welcomed: Mapping[int, date] = field(default_factory=dict)

    def silent(self, day: date) -> bool:
        """Tell whether nothing is told on that day."""
        return self.told_from is not None and day < self.told_from

    def speaks_to(self, person: int, day: date) -> bool:
        """Tell whether the person may have a digest: after the shadow, not on the day of the welcome."""
        begins = self.begins(person)
        return self.told_from is None or (begins is not None and day >= begins)

    def begins(self, person: int) -> date | None:
        """The first day of the person's digests; None without a start, or before the welcome."""
        if self.told_from is None or person not in self.welcomed:
            return None
        return max(self.told_from, self.welcomed[person] + _DAY)

    def items(self, member: Member, day: date, usual: int) -> int:
        """How many items a digest of that day may have."""
        begins = self.begins(member.id)
        if begins is None or member.calendar.count(begins, day) > self.ramp_days:
            return usual
        return min(self.ramp_items, usual)


STARTED = Start()

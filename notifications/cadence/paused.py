"""Which rules wait while the data they look at is too old (pure): nobody is asked for what may be done.

What closes by a person's word, or needs no import, goes on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kamflow.store.data_age import SourceAge
from kamflow.store.tellings import OpenNudge

# Kind of data -> the rules that look at it. A contact that was held may not be in yet; a quarter's figures
# may have changed since, as long as nobody said that they are complete.
DEPENDS: Mapping[str, frozenset[str]] = {
    "interactions": frozenset({"contact_shortfall"}),
    "revenue": frozenset({"quarterly_controlling"}),
}


@dataclass(frozen=True, slots=True)
class Old:
    """A source whose data is too old, and of which day it is."""

    source: str
    day: date
    rules: frozenset[str]


@dataclass(frozen=True, slots=True)
class Paused:
    """What is paused now, and of whom it is known that they were told so.

    `told` holds per person the rules that their last digest called paused.
    """

    sources: tuple[Old, ...] = ()
    told: Mapping[int, frozenset[str]] = field(default_factory=dict)

    @property
    def rules(self) -> frozenset[str]:
        return frozenset(rule for each in self.sources for rule in each.rules)

    def holds(self, nudge: OpenNudge) -> bool:
        """Tell whether a nudge waits for data: it asks for what the missing data may show as done."""
        if nudge.rule not in self.rules:
            return False
        # Whoever looks after the data is asked for it all the same.
        preliminary = (nudge.step, nudge.state) == ("comment", "preliminary")
        return nudge.rule != "quarterly_controlling" or preliminary

    def why(self, rules: Iterable[str]) -> tuple[Old, ...]:
        """The sources for which some of these rules wait."""
        wanted = frozenset(rules)
        return tuple(each for each in self.sources if each.rules & wanted)

    def back(self, person: int, rules: Iterable[str]) -> bool:
        """Tell whether the person's last digest called one of these rules paused that now is not."""
        return bool((self.told.get(person, frozenset()) - self.rules) & frozenset(rules))


NOTHING = Paused()


def paused_rules(age: SourceAge) -> frozenset[str]:
    """The rules that wait for a source."""
    return frozenset(rule for kind in age.old for rule in DEPENDS.get(kind, ()))


def old_ones(ages: Iterable[SourceAge]) -> tuple[Old, ...]:
    """The sources for which rules wait, each with the day of its oldest data among those rules."""
    found = []
    for each in ages:
        rules = paused_rules(each)
        days = [day for kind, day in each.old.items() if DEPENDS.get(kind)]
        if rules and days:
            found.append(Old(each.source, min(days), rules))
    return tuple(found)

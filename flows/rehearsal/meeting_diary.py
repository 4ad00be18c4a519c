"""The days of `annual_meeting` on which what it said of a meeting may be another thing."""

from collections.abc import Iterator
from datetime import date, timedelta

from flows.rehearsal import edges
from flows.rehearsal.while_open import WhileOpen
from kamflow.nudge import Nudge

_DAY = timedelta(days=1)


def diary() -> WhileOpen:
    """What is open about a meeting changes when its month is over, and when it is too late for it."""
    return WhileOpen("annual_meeting", edges.of_meetings, _changes)


def _changes(nudge: Nudge, today: date) -> Iterator[date]:
    if nudge.facts["lapses"] is not None:
        yield date.fromisoformat(nudge.facts["lapses"])
    if nudge.step == "arrange":
        over = date.fromisoformat(nudge.facts["month"]["last"]) + _DAY
        if over > today:
            yield over

"""What operations are told of at this moment, of what is wrong and what is over (pure).

What comes at once is gathered into one message, and there is a pause between two of them. What comes and goes
is told once: its end has to last, the longer the more often it came back of late.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from kamflow.store.incidents import Known

GATHERED = timedelta(seconds=30)
LONGEST_CALM = timedelta(hours=2)
# The incidents about what operations themselves are told, by its way.
REFUSED = {"email": "channel:operations-mail", "slack": "channel:operations"}


def to_say(
    waiting: Sequence[Known],
    last: datetime | None,
    now: datetime,
    calm: timedelta,
    before: Callable[[Known], int],
) -> list[Known]:
    """Those of the `waiting` incidents that operations are told of now, all at once.

    `last` is when they were last told of any, `before` how often one was told lately before this time; `calm`
    is how long an end has to last, and the pause.
    """
    news = [each for each in waiting if each.closed_at is None or _calm(each, now, calm, before(each))]
    if not news or (last is not None and _passed(last, now) < calm):
        return []
    first = min(each.closed_at or each.opened_at for each in news)
    return news if _passed(first, now) >= GATHERED else []


def muted(incident: Known, way: str) -> bool:
    """Tell whether this way is the one that is down: it hears of it once it is over, as one summary."""
    return incident.closed_at is None and incident.key in {f"channel:{way}", REFUSED[way]}


def _calm(incident: Known, now: datetime, calm: timedelta, before: int) -> bool:
    wanted = min(calm * 2 ** min(before, 10), LONGEST_CALM)
    return _passed(incident.closed_at or now, now) >= wanted


def _passed(since: datetime, now: datetime) -> timedelta:
    """How long ago that was; what lies ahead was written before somebody set the clock back."""
    return now - since if since <= now else timedelta.max

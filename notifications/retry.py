"""When to try again (pure). The outbox owns all retries; neither Prefect nor an SDK adds its own."""

from datetime import datetime, timedelta

from kamflow.errors import DeliveryError, Permanent

FIRST_WAIT = 30.0
LONGEST_WAIT = 900.0  # an outage that is over is noticed within a quarter of an hour
# Taken off the wait, so that what failed together does not come back together.
JITTER = 0.25
# 30 s, 1, 2, 4, 8 minutes, then each quarter of an hour: with the mean jitter the last attempt is after 24 h.
MAX_ATTEMPTS = 115
# So often the other side's own time counts as said; after that ours, if longer: a server that always
# says "in a second" is neither hammered nor given up within a minute.
TAKEN_AT_ITS_WORD = 5
LONGEST_TOLD = 24 * 3600.0


def next_attempt(attempt: int, now: datetime, error: DeliveryError, random: float) -> datetime | None:
    """When to try again after the `attempt`-th attempt (from 1) failed at `now`; None: give up.

    `random` is in [0, 1). Never before the time the other side named (at most a day).
    """
    if isinstance(error, Permanent) or attempt >= MAX_ATTEMPTS:
        return None
    ours = backoff(attempt) * (1 - JITTER * random)
    if error.retry_after is None:
        return now + timedelta(seconds=ours)
    told = min(error.retry_after, LONGEST_TOLD) + JITTER * random
    return now + timedelta(seconds=told if attempt <= TAKEN_AT_ITS_WORD else max(told, ours))


def backoff(attempt: int) -> float:
    """Seconds to wait after the `attempt`-th failure, before jitter: doubling up to a quarter of an hour."""
    return min(FIRST_WAIT * 2.0 ** min(attempt - 1, 30), LONGEST_WAIT)

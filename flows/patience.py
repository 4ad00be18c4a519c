"""How loud it is said that Prefect does not answer: once and quietly while it may still be starting."""

from collections.abc import Callable
from time import monotonic

import structlog

STARTING = 120.0  # seconds that a new database on a busy machine may take, until the flows are registered

log = structlog.get_logger()


class Patience:
    """One for all jobs of the clock that ask Prefect for something."""

    def __init__(self, ticks: Callable[[], float] = monotonic) -> None:
        self._ticks = ticks
        self._until = ticks() + STARTING
        self._said = False

    def answered(self) -> None:
        """It did as it was asked: from now on its silence is news."""
        self._until = float("-inf")

    def unanswered(self, event: str, cause: str, **facts: object) -> None:
        """Say it as a warning of its own, or as the one line of a start."""
        if self._ticks() >= self._until:
            log.warning(event, cause=cause, **facts)
        elif not self._said:
            self._said = True
            log.info("clock.waits_for_prefect", cause=cause)

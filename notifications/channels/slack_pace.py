"""Slack's limits kept from our side, so that Slack need not refuse anything.

One post a second in a conversation, so many calls of a method a minute in the workspace
(https://docs.slack.dev/apis/web-api/rate-limits). Both count from the answer: Slack saw the call before it,
however slow the way. Once Slack asks for patience every call waits, whatever it is about.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from math import inf
from time import monotonic

from kamflow.errors import Temporary

AT_ONCE = 16  # calls; conversations that wait for their turn do not count
# What Slack asks for in good faith is waited for here; more is told to the outbox.
LONGEST_HELD = 30.0

Wait = Callable[[float], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls of a method in any `window` seconds, and the seconds between two posts in a conversation."""

    window: float = 60.0
    calls: Mapping[str, int] = field(
        default_factory=lambda: {
            "users.lookupByEmail": 50,
            "conversations.open": 50,
            "conversations.history": 50,
            "chat.update": 50,
            "chat.postMessage": 300,  # "several hundred messages per minute"
        }
    )
    between: float = 1.0


LIMITS = Limits()


class _Window:
    """The calls of one method: those that go on, and when the last ones were answered."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._answered: deque[float] = deque()
        self._going = 0

    def free_at(self, now: float) -> float:
        """When one more may begin."""
        while self._answered and self._answered[0] + self._seconds <= now:
            self._answered.popleft()
        if self._going + len(self._answered) < self._most:
            return now
        # With none answered the first of them is at the earliest now.
        return (self._answered[0] if self._answered else now) + self._seconds

    def begin(self) -> None:
        self._going += 1

    def end(self, now: float) -> None:
        self._going -= 1
        self._answered.append(now)


@dataclass(slots=True)
class _Place:
    """A conversation: whose turn it is, and from when the next post may go there."""

    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = -inf


class Pace:
    """Says when a call may begin. `clock` in seconds, monotonic; one event loop."""

    def __init__(
        self, limits: Limits = LIMITS, clock: Callable[[], float] = monotonic, wait: Wait = asyncio.sleep
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._wait = wait
        self._windows = {name: _Window(most, limits.window) for name, most in limits.calls.items()}
        self._places: dict[str, _Place] = {}
        self._lines = asyncio.Semaphore(AT_ONCE)
        self._paused_until = -inf

    def pause(self, seconds: float) -> None:
        """Slack asks for patience: nothing more begins for so long."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    @asynccontextmanager
    async def turn(self, method: str, conversation: str | None = None) -> AsyncIterator[None]:
        """Wait until this call may begin; the block is the call. Posts to a conversation go one by one.

        Raises:
            Temporary: Slack wants more patience than is waited for here.
        """
        place = self._places.setdefault(conversation, _Place()) if conversation else None
        async with place.line if place else nullcontext():
            await self._begin(method, place)
            try:
                yield
            finally:
                self._end(method, place)

    async def _begin(self, method: str, place: _Place | None) -> None:
        begun = False
        while not begun:
            while (seconds := self._seconds_left(method, place)) > 0:
                await self._wait(seconds)
            await self._lines.acquire()
            try:
                # Meanwhile others may have begun, or Slack may have asked for patience: more of it than ours.
                begun = self._seconds_left(method, place) <= 0
            finally:
                if not begun:
                    self._lines.release()
        if window := self._windows.get(method):
            window.begin()

    def _end(self, method: str, place: _Place | None) -> None:
        now = self._clock()
        if window := self._windows.get(method):
            window.end(now)
        if place is not None:
            place.free_at = now + self._limits.between
        self._lines.release()

    def _seconds_left(self, method: str, place: _Place | None) -> float:
        now = self._clock()
        patience = self._paused_until - now
        if patience > LONGEST_HELD:
            raise Temporary("Slack asks for patience", cause="ratelimited", retry_after=patience)
        window = self._windows.get(method)
        own = window.free_at(now) - now if window else 0.0
        return max(own, patience, place.free_at - now if place else 0.0)

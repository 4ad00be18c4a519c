"""A loop whose clock jumps to what is waited for next as soon as nothing else is left to do.

Both sides of a connection must live in it: what it cannot see, it does not wait for. While one of its own
threads is at work (`asyncio.to_thread`) the clock stands still, however long that takes.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
LOOK = 0.002  # seconds: what was sent over loopback is there by then


class _Jumping(selectors.DefaultSelector):
    skipped = 0.0
    threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout and self.threads:
            timeout = None  # the loop hears of their end
        found = super().select(min(timeout, LOOK) if timeout is not None else None)
        if not found and timeout:
            self.skipped += timeout
        return found


class Hourglass(asyncio.SelectorEventLoop):
    """Begins at 1000 s; only waiting takes time."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return 1000.0 + self._jumping.skipped

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:
        self._jumping.threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _: object) -> None:
        self._jumping.threads -= 1

    def skip(self, seconds: float) -> None:
        self._jumping.skipped += seconds


def in_no_time(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it to its end without waiting."""
    with asyncio.Runner(loop_factory=Hourglass) as runner:
        return runner.run(coroutine)


def stand_still(seconds: float) -> None:
    """Let so much time pass in which the loop does nothing, as in a process that is stopped."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Hourglass)
    loop.skip(seconds)


def now() -> float:
    """Seconds on the clock of the running loop."""
    return asyncio.get_running_loop().time()

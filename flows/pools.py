"""Threads per job: one that waits for a locked database must not take them away from the others.

`asyncio.to_thread` asks the loop's executor; this one looks at whose turn it is.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Result = TypeVar("Result")

JOB: ContextVar[str | None] = ContextVar("JOB", default=None)
EACH = 2  # threads: one may wait, one be needed to end it
OTHERS = 8


class PoolPerJob(ThreadPoolExecutor):
    """The executor of a loop: what a job hands over goes into the job's own threads."""

    def __init__(self) -> None:
        super().__init__(OTHERS, "others")
        self._own: dict[str, ThreadPoolExecutor] = {}

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        job = JOB.get()
        if job is None:
            return super().submit(fn, *args, **kwargs)
        own = self._own.get(job)
        if own is None:
            own = self._own[job] = ThreadPoolExecutor(EACH, job)
        return own.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for own in self._own.values():
            own.shutdown(wait, cancel_futures=cancel_futures)
        super().shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def of(job: str) -> Iterator[None]:
    """Let what is handed to threads within the block go into those of the job."""
    before = JOB.set(job)
    try:
        yield
    finally:
        JOB.reset(before)

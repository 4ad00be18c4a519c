"""One id from what happened to the message that tells of it: in the rows, and in every log line on the way.

`event-7` is something a person did or another system told; `run-12` a run that the calendar started. It lies
in a context variable: writers look it up once for all rows of a statement, and nobody has to hand it on.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_TRACE: ContextVar[str | None] = ContextVar("trace", default=None)
_NONE: Mapping[str, object] = MappingProxyType({})
_IDS: ContextVar[Mapping[str, object]] = ContextVar("ids", default=_NONE)
_FORM = re.compile(r"(event|run)-\d+")


def current() -> str | None:
    """The trace of what is being done; None: a person acts, or nobody knows."""
    return _TRACE.get()


def ids() -> Mapping[str, object]:
    """What stands in every log line of what is being done."""
    return _IDS.get()


@contextmanager
def following(trace: str | None, **named: object) -> Iterator[None]:
    """Let all that is written and logged within belong to a trace; `named` stand in the log lines only."""
    known = named if trace is None else {"trace": trace, **named}
    before, around = _TRACE.set(trace), _IDS.set({**_IDS.get(), **known})
    try:
        yield
    finally:
        _TRACE.reset(before)
        _IDS.reset(around)


def of_event(number: int, trace: str | None) -> str:
    """The trace an event starts, or goes on with: a run wrote it."""
    return trace or f"event-{number}"


def of_run(number: int, trace: str | None) -> str:
    """The trace a run goes on with: that of what set it in motion, or its own."""
    return trace or f"run-{number}"


def among(words: Iterable[str]) -> str | None:
    """The trace among the tags of a run in Prefect."""
    return next((word for word in words if _FORM.fullmatch(word)), None)

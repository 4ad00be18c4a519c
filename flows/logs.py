"""What kamflow logs: a line each on stderr, in one form for all its processes. Ids, kinds and places only.

Whatever belongs to an event or a run carries its `trace` (kamflow/store/traces.py).

A traceback with its values would show names, addresses and rows: of an error its kind and place are left.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, WrappedLogger

from kamflow.errors import ConfigError, StoreError
from kamflow.store import traces

Form = Literal["auto", "console", "json"]


def settled(form: Form) -> Form:
    """The form that `auto` means here: for who watches, or for a collector. A supervisor hands it on to its
    children, whose stderr is never a terminal."""
    if form != "auto":
        return form
    return "console" if sys.stderr.isatty() else "json"


def configure(now: Callable[[], datetime], form: Form = "auto", level: str = "info") -> None:
    """Say how, where and from which level on to log, for this process; stdout is for a command's answers."""

    def headed(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        at = now().isoformat(timespec="seconds")
        return {"at": at, "level": event.pop("level"), "event": event.pop("event"), **event}

    structlog.configure(
        processors=[
            _named,
            structlog.processors.add_log_level,
            headed,
            _reduced,
            _line if settled(form) == "console" else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked anew each time: stderr may have been redirected since.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def described(error: BaseException) -> str:
    """The kind of an error and where it arose; its words only where they are about the installation.

    Other messages may quote what was read or written: a name, a row, the parameters of a statement.
    """
    if isinstance(error, ConfigError | StoreError):
        return f"{type(error).__name__}: {error}"
    place = _place(error.__traceback__)
    return f"{type(error).__name__}{place}"


def _place(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f" in {trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}" if trace else ""


def _named(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {**traces.ids(), **event}


def _reduced(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    return event if error is None else {**event, "error": described(error)}


def _line(_: WrappedLogger, __: str, event: EventDict) -> str:
    at, level, said = event.pop("at"), event.pop("level"), event.pop("event")
    rest = (f" {name}={_shown(value)}" for name, value in event.items())
    return f"{at} {level:<7} {said}{''.join(rest)}"


def _shown(value: Any) -> str:
    """A value on one line: what could move the cursor or be taken for two values is quoted."""
    text = str(value)
    return text if text and text.isprintable() and " " not in text and '"' not in text else repr(text)

"""What kamflow logs: a line each on stderr, in JSON where nobody watches. Ids, kinds and places only.

A traceback with its values would show names, addresses and rows: of an error its kind and place are left.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger

from kamflow.errors import ConfigError, StoreError


def configure(now: Callable[[], datetime], level: str = "info") -> None:
    """Say how, where and from which level on to log, for this process; stdout is for a command's answers."""

    def dated(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        return {"at": now().isoformat(timespec="seconds"), **event}

    plain = structlog.processors.KeyValueRenderer(key_order=["at", "level", "event"])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            dated,
            _reduced,
            plain if sys.stderr.isatty() else structlog.processors.JSONRenderer(ensure_ascii=False),
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


def _reduced(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    return event if error is None else {**event, "error": described(error)}

"""A further process that makes messages ready (preparing.py): `python -m notifications.preparer <line>`.

It answers with mails and posts only. What failed, or was worth a line in the log, is done once more where
it was claimed, and said there.
"""

import sys
from dataclasses import replace
from datetime import datetime
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import Engine

from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store.engine import connect
from notifications.message import Mail, SlackPost, assembled
from notifications.outbox import Claimed
from notifications.prepare import Prepared, Renderers, prepare
from notifications.render.environment import environment, take_over


class _Unsaid:
    """Counts what would have been logged, and logs nothing."""

    def __init__(self) -> None:
        self.lines = 0

    def __call__(self, _logger: Any, _method: str, _event: Any) -> Any:
        self.lines += 1
        raise structlog.DropEvent


def serve(line: Connection) -> None:
    """Make ready what comes over the line until it ends: then nobody needs it."""
    unsaid = _Unsaid()
    structlog.configure(processors=[unsaid], wrapper_class=structlog.make_filtering_bound_logger("warning"))
    try:
        url, settings, policy = line.recv()
        engine = connect(url)
        environment(settings.company.language)  # its texts take a second to read
        line.send(None)
        take_over(line.recv())  # what is compiled there already
        while True:
            batch, now = line.recv()
            unsaid.lines, began = 0, monotonic()
            made = _made(engine, batch, settings, now, policy)
            rate = len(batch) / max(monotonic() - began, 1e-6)
            line.send(([] if unsaid.lines else made, rate))
    except (EOFError, OSError):
        return


def _made(
    engine: Engine, batch: list[Claimed], settings: Settings, now: datetime, policy: Policy
) -> list[Prepared]:
    try:
        made = prepare(engine, batch, settings, now, Renderers(), policy)
    except Exception:  # noqa: BLE001 - it is met again where the messages were claimed
        return []
    return [_whole(each, now) for each in made if isinstance(each.outcome, Mail | SlackPost)]


def _whole(made: Prepared, now: datetime) -> Prepared:
    """With the mail as bytes, so that the process that sends need not put it together."""
    out = made.outcome
    return replace(made, outcome=assembled(out, now)) if isinstance(out, Mail) else made


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))

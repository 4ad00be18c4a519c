"""What our child processes say, as lines of our own log: one stream, one form, each with its process.

Their own lines are JSON and handed on. Whatever else they write is reduced: of a traceback the kind of the
error and its place are left, since the rest may quote what was read.
"""

import json
import re
from collections.abc import Callable

import structlog

LEVELS = ("debug", "info", "warning", "error", "critical")
LONGEST = 300  # characters of a line that is not ours
_FILE = re.compile(r'^\s+File "(?P<file>[^"]+)", line (?P<line>\d+)')
_ERROR = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*)(:.*)?$")
_BEGUN = "Traceback (most recent call last)"

log = structlog.get_logger()


class Overheard:
    """The stream of one process. `said` is told the event of each line of ours."""

    def __init__(self, process: str, said: Callable[[str], None]) -> None:
        self._process = process
        self._said = said
        self._place: str | None = None  # within a traceback: where it has come to

    def line(self, raw: bytes) -> None:
        """Take one line."""
        text = raw.decode("utf-8", errors="replace").rstrip()
        if not text:
            return
        if (own := _own(text)) is not None:
            self._hand_on(own)
        elif _BEGUN in text:
            self._place = ""
        elif self._place is not None:
            self._within(text)
        else:
            log.warning("said", process=self._process, words=text[:LONGEST])

    def _hand_on(self, line: dict[str, object]) -> None:
        level, event = str(line.pop("level", "info")), str(line.pop("event", ""))
        line.setdefault("process", self._process)
        getattr(log, level if level in LEVELS else "info")(event, **line)
        self._said(event)

    def _within(self, text: str) -> None:
        if found := _FILE.match(text):
            self._place = f"{found['file'].rpartition('/')[2]}:{found['line']}"
        elif text[0] not in " |+^" and (found := _ERROR.match(text)):
            log.error("fault", process=self._process, error=found["kind"], place=self._place)
            self._place = None


def _own(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("event"), str) else None

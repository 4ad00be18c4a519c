"""How Prefect's own log lines look where a process of ours hosts it: as ours, in JSON."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path

from flows import logs

CONFIG = Path(__file__).with_suffix(".yml")
LONGEST = 300  # characters of what Prefect says

# What it says again and again about what is looked after elsewhere.
LEVELS = {"WARNING": "warning", "ERROR": "error", "CRITICAL": "critical", "DEBUG": "debug"}


class Line(logging.Formatter):
    """A record as one line of JSON; an exception by its kind and place."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds"),
            "level": LEVELS.get(record.levelname, "info"),
            "event": "prefect",
            "logger": record.name,
            "words": record.getMessage()[:LONGEST],
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = logs.described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)

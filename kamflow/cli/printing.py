"""What a command says: a table on a terminal, plain lines in a pipe, JSON where it was asked for."""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, tzinfo
from typing import Any

# A name from a file must not move the cursor or colour the terminal.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: object) -> str:
    """Text that is safe to print; None is nothing."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", "" if text is None else str(text))


def clock_time(moment: datetime, zone: tzinfo) -> str:
    """A moment as the clock there shows it, to the minute."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def say(*lines: object) -> None:
    """Print lines as they are."""
    for line in lines:
        print(clean(line))


def warn(*lines: object) -> None:
    """Print lines to standard error."""
    for line in lines:
        print(clean(line), file=sys.stderr)


def say_json(answer: Any) -> None:
    """Print one JSON document; dates as ISO text."""
    print(json.dumps(_plain(answer), ensure_ascii=False, indent=2))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A drawn table on a terminal, tab-separated lines with a header elsewhere."""
    flat = [[clean(cell).replace("\t", " ").replace("\n", " ") for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in ([*columns], *flat):
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns)
    for row in flat:
        drawn.add_row(*(Text(cell) for cell in row))
    Console().print(drawn)


def _plain(answer: Any) -> Any:
    if is_dataclass(answer) and not isinstance(answer, type):
        return _plain(asdict(answer))
    if isinstance(answer, dict):
        return {str(key): _plain(value) for key, value in answer.items()}
    if isinstance(answer, list | tuple | set | frozenset):
        return [_plain(value) for value in answer]
    if isinstance(answer, date | datetime):
        return answer.isoformat()
    return answer if answer is None or isinstance(answer, bool | int | float | str) else str(answer)

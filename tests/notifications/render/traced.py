"""Where a number that somebody reads comes from: the fact and its date."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from kamflow.store.names import Names
from notifications.render.formats import Formats

NUMBER = re.compile(r"\d+(?:[.,’]\d+)*")
DATED = ("as_of", "day", "due", "opened", "rated", "kept_on", "last", "first")
Origin = tuple[str, str]  # path in the facts, ISO date


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


def origins(read: Mapping[str, Any], formats: Formats, names: Names) -> dict[str, Origin]:
    """Every number that these facts may be written as -> where it stands and of which day it is."""
    found: dict[str, Origin] = {}
    for path, value, day in _leaves(read, "", read["as_of"]):
        for token in _written(value, formats, str(read.get("zone", "UTC"))):
            found.setdefault(token, (path, day))
    for kind, known in vars(names).items():
        texts = (getattr(value, "name", value) for value in known.values())
        for token in numbers(" ".join(f"{text}" for text in texts)):
            found.setdefault(token, (f"names.{kind}", read["as_of"]))
    return found


def _leaves(value: Any, path: str, day: str) -> Iterator[tuple[str, Any, str]]:
    """Values with the nearest date above them; of a list also how many there are."""
    if isinstance(value, Mapping):
        own = next((value[name] for name in DATED if isinstance(value.get(name), str)), day)
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}", own)
    elif isinstance(value, list | tuple | frozenset):
        yield from _counts(value, path, day)
        for at, each in enumerate(value):
            yield from _leaves(each, f"{path}[{at}]", day)
    elif value is not None and not isinstance(value, bool):
        yield path, value, day


def _counts(rows: Iterable[Any], path: str, day: str) -> Iterator[tuple[str, Any, str]]:
    """How many there are, and how many of them are left out of a page."""
    rows = list(rows)
    yield from ((f"len({path})", count, day) for count in range(len(rows) + 1))
    behind = sum(isinstance(row, Mapping) and row.get("need") == "-" for row in rows)
    yield f"behind({path})", behind, day


def _written(value: Any, formats: Formats, zone: str) -> set[str]:
    if isinstance(value, str):
        return _text_written(value, formats, zone)
    return numbers(f"{formats.number(value)} {formats.number(abs(value))}")


def _text_written(value: str, formats: Formats, zone: str) -> set[str]:
    if re.fullmatch(r"-?\d+\.\d\d", value):
        return numbers(f"{formats.money(value)} {formats.number(float(value))}")
    try:
        day = date.fromisoformat(value[:10])
    except ValueError:
        return numbers(value)
    time = formats.moment(value, zone) if "T" in value else ""
    return numbers(f"{formats.dated(day)} {formats.numeric(day)} {time}") | set(time.split(":"))

"""Revenue of a year as far as it is known: the sum of its whole months or quarters.

A part is a mapping: first, last, actual, target, before and, on pages of today, as_of and until (None where
it is posted to its end).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

Line: TypeAlias = Mapping[str, Any]


def summed(line: Line, today: str) -> Mapping[str, Any]:
    """What came in between the first and the last whole part of the year that are known.

    `without` are the parts between them that are not: then nothing is compared, target and past are None.
    """
    whole = [at for at, part in enumerate(line["parts"]) if _is_whole(part, line, today)]
    between = line["parts"][whole[0] : whole[-1] + 1] if whole else []
    known = [line["parts"][at] for at in whole]
    without = [part for part in between if part not in known]
    return {
        "series": line["series"],
        "first": known[0]["first"] if known else None,
        "last": known[-1]["last"] if known else None,
        "as_of": max((part.get("as_of") or line["actual"]["as_of"] for part in known), default=None),
        "without": [{name: part[name] for name in ("first", "last")} for part in without],
        "actual": added(part["actual"] for part in known),
        **{name: None if without else _whole(part[name] for part in known) for name in ("target", "before")},
    }


def added(amounts: Iterable[str | None]) -> str | None:
    """The sum of those that are known; None where none is."""
    known = [Decimal(each) for each in amounts if each is not None]
    return f"{sum(known, Decimal()):.2f}" if known else None


def _is_whole(part: Line, line: Line, today: str) -> bool:
    """Whether all of a part is posted; older pages only say until when anything is."""
    if part["actual"] is None or part["last"] >= today:
        return False
    return part["until"] is None if "until" in part else part["last"] <= line["actual"]["as_of"]


def _whole(amounts: Iterable[str | None]) -> str | None:
    """The sum, where every part is known: half of a target would look like half the target."""
    found = list(amounts)
    return None if None in found else added(found)

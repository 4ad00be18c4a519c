"""What changed between a briefing that was sent and the morning of the meeting: figure, time or attendee."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from kamflow.figures.meeting_facts import Change

Compared: TypeAlias = Mapping[str, Any]
# How many contacts were held is the work of a few people of ours: whoever reads the page may not be told.
UNTOLD = {"contacts"}


def kinds(before: Compared, now: Compared) -> tuple[Change, ...]:
    """What differs, in a word each."""
    found = {each["kind"] for each in changes(before, now)}
    order: tuple[Change, ...] = ("figure", "time", "attendee")
    return tuple(kind for kind in order if kind in found)


def changes(before: Compared, now: Compared) -> list[dict[str, Any]]:
    """What differs, with what it was and what it is now."""
    return [*_time(before, now), *_attendees(before, now), *_figures(before, now)]


def _time(before: Compared, now: Compared) -> Iterator[dict[str, Any]]:
    was, is_now = (each["starts_at"] or each["day"] for each in (before, now))
    if was != is_now:
        yield {"kind": "time", "was": was, "now": is_now}


def _attendees(before: Compared, now: Compared) -> Iterator[dict[str, Any]]:
    for side in ("persons", "contacts"):
        joined, gone = _apart(before[side], now[side])
        if joined or gone:
            yield {"kind": "attendee", "side": side, "joined": {side: joined}, "gone": {side: gone}}


def _figures(before: Compared, now: Compared) -> Iterator[dict[str, Any]]:
    """Figures of the scorecard by their value; of measures and complaints, how many are open."""
    was, is_now = before["figures"], now["figures"]
    for name in sorted({*was, *is_now} - UNTOLD):
        old, new = was.get(name) or {}, is_now.get(name) or {}
        if old.get("value") != new.get("value"):
            unit = (new or old)["unit"]
            yield {
                "kind": "figure",
                "name": name,
                "unit": unit,
                "was": old.get("value"),
                "now": new.get("value"),
                "as_of": new.get("as_of"),
            }
    for name in ("measures", "complaints"):
        if before[name] != now[name]:
            opened, closed = _apart(before[name], now[name])
            yield {"kind": "figure", "name": f"open_{name}", "opened": len(opened), "closed": len(closed)}


def _apart(before: Sequence[int], now: Sequence[int]) -> tuple[list[int], list[int]]:
    """What came and what went."""
    return sorted({*now} - {*before}), sorted({*before} - {*now})

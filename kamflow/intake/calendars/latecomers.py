"""Mails about one meeting come in any order, late and twice: only what is newer than what is known counts."""

from collections.abc import Mapping
from typing import Any

from kamflow.intake.calendars.events import Occurrence
from kamflow.models.interaction import InteractionState

Stored = Mapping[str, tuple[int, int | None, Any, str]]


def drop(latest: dict[str, tuple[Occurrence, str]], series: set[str], stored: Stored) -> int:
    """Leave out what is older than what is known; return how many meetings these are."""
    newest: dict[str, int] = {}
    for external, (_, sequence, _, _) in stored.items():
        uid = external.partition("#")[0]
        newest[uid] = max(newest.get(uid, 0), sequence or 0)
    late = [name for name, (one, status) in latest.items() if _late(name, one, status, newest, stored)]
    for name in late:
        one, _ = latest.pop(name)
        if one.series or one.recurrence is None:
            series.discard(one.uid)
    return len(late)


def _late(name: str, one: Occurrence, status: str, newest: Mapping[str, int], stored: Stored) -> bool:
    whole = one.series or one.recurrence is None
    if whole and newest.get(one.uid, 0) > one.sequence:
        return True
    known = stored.get(name)
    if known is None:
        return False
    _, sequence, _, state = known
    # What was called off comes back with a higher number only (RFC 5546, 3.2.2).
    over = state == InteractionState.CANCELLED and status != "CANCELLED"
    return (sequence or 0) > one.sequence or (over and (sequence or 0) == one.sequence)

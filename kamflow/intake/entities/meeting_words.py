"""What a source said last of an annual meeting and its rounds, so that what people did meanwhile stays.

The same file again says nothing new: a round that was moved here is not moved back. Only where the source
says something else than before, its new word counts. A cell that says nothing keeps what it said.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from kamflow.intake.record import Record
from kamflow.models.meeting import AnnualMeeting, MeetingRound

OF_MEETING = ("kind", "agreed_on")
WHEN = ("day", "starts_at", "place")
WHO = ("people", "contacts")

Words = Mapping[str, Any]


def of_meeting(record: Record) -> dict[str, Any]:
    """What a row says of the meeting; an agreement may be taken back where empty cells clear."""
    cleared = {"agreed_on": None} if "agreed_on" in record.values else {}
    return cleared | _said(record, OF_MEETING)


def of_round(record: Record) -> dict[str, Any]:
    """What a row says of its round; people as sets of those it names."""
    said = _said(record, (*WHEN, *WHO))
    return {name: frozenset(value) if name in WHO else value for name, value in said.items()}


def new(row: AnnualMeeting | MeetingRound | None, source: str, said: Words) -> dict[str, Any]:
    """The words that the source has not said before."""
    told = _told(row, source)
    return {name: value for name, value in said.items() if told.get(name) != _plain(value)}


def keep(row: AnnualMeeting | MeetingRound, source: str, said: Words) -> None:
    """Remember what the source says now."""
    before = _told(row, source)
    now = before | {name: _plain(value) for name, value in said.items()}
    if now != before:
        row.told = {**(row.told or {}), source: now}


def _said(record: Record, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record.values[name] for name in names if record.get(name) not in (None, ())}


def _told(row: AnnualMeeting | MeetingRound | None, source: str) -> dict[str, Any]:
    return dict((row.told or {}).get(source, {})) if row is not None else {}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return sorted(value) if isinstance(value, frozenset) else value

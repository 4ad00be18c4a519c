"""What a source said last of an annual meeting and its rounds, so that what people did meanwhile stays.

The same file again says nothing new: a round that was moved here is not moved back. Only where the source
says something else than before, its new word counts. A cell that says nothing keeps what it said.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from kamflow.intake.record import Record
from kamflow.models.meeting import AnnualMeeting, MeetingRound

OF_MEETING = ("kind", "agreed_on")
WHEN = ("day", "starts_at", "place", "from_calendar")
WHO = ("people", "contacts")
# An empty day clears nothing: who calls a round off cancels it, so that invitations are taken back.
_CLEARED = ("starts_at", "place", "from_calendar", *WHO)

Words = Mapping[str, Any]


def of_meeting(record: Record) -> dict[str, Any]:
    """What a row says of the meeting; an agreement may be taken back where empty cells clear."""
    return _cleared(record, ("agreed_on",)) | _said(record, OF_MEETING)


def of_rows(records: Iterable[Record]) -> dict[str, Any]:
    """What the rows of one meeting say of it; they agree."""
    return {name: value for record in records for name, value in of_meeting(record).items()}


def of_round(record: Record) -> dict[str, Any]:
    """What a row says of its round; people as sets of those it names."""
    said = _cleared(record, _CLEARED) | _said(record, (*WHEN, *WHO))
    return {name: frozenset(value or ()) if name in WHO else value for name, value in said.items()}


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


def _cleared(record: Record, names: tuple[str, ...]) -> dict[str, Any]:
    """What empty cells take back; one that is not read says nothing."""
    return {name: None for name in names if record.values.get(name, "") is None}


def _told(row: AnnualMeeting | MeetingRound | None, source: str) -> dict[str, Any]:
    return dict((row.told or {}).get(source, {})) if row is not None else {}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    # Nobody is what a source that never named anybody said too: it takes back only its own word.
    return sorted(value) or None if isinstance(value, frozenset) else value

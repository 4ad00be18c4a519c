"""How old the data of each source is: the day on which each kind of it last came in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from kamflow.models.event import ReceivedEvent
from kamflow.models.source import ImportedFile, Source

# What goes on while nobody looks; people and accounts do not grow old within days.
MOVING = ("interactions", "revenue", "projects")
# What is pushed to us, by the first words of its kind.
_PUSHED = {"kamflow.interaction.": "interactions", "kamflow.revenue.": "revenue"}
_ABBREVIATED = 4
BACK = timedelta(days=800)  # a kind that has not come for so long is no delivery any more


@dataclass(frozen=True, slots=True)
class SourceAge:
    """`newest_on`: up to which day a source is known, by that kind of its data that is oldest; None: never.

    `old` are its kinds of data that are older than the limit, with their day. Without a limit none is.
    """

    source: str
    newest_on: date | None
    limit_days: int | None = None
    too_old: bool = False
    old: Mapping[str, date] = field(default_factory=dict)
    owner: int | None = None
    name: str | None = None


def called(age: SourceAge) -> str:
    """What a source is called: its name, or its key as such keys are said (CRM, SAP, Salesforce)."""
    key = age.source
    return age.name or (key.upper() if len(key) <= _ABBREVIATED else key.capitalize())


def ages(session: Session, today: date, zone: str = "Europe/Berlin") -> list[SourceAge]:
    """Each source and how old its data is; `zone` says on which day a file came in."""
    rows = session.execute(
        select(col(Source.key), col(Source.age_limit_days), col(Source.owner_id), col(Source.name)).order_by(
            col(Source.key)
        )
    )
    came = _came(session, today, ZoneInfo(zone))
    return [
        _age(key, limit, owner, name, came.get(key, {}), today) for key, limit, owner, name in rows.tuples()
    ]


def _age(
    source: str, limit: int | None, owner: int | None, name: str | None, came: Mapping[str, date], today: date
) -> SourceAge:
    moving = {kind: day for kind, day in came.items() if kind in MOVING} or came
    first = today - timedelta(days=limit) if limit is not None else date.min
    old = {kind: day for kind, day in moving.items() if day < first}
    return SourceAge(source, min(moving.values(), default=None), limit, bool(old), old, owner, name)


def _came(session: Session, today: date, zone: ZoneInfo) -> dict[str, dict[str, date]]:
    """Source -> kind of data -> the last day on which it came, by file or as an event."""
    since = datetime.combine(today - BACK, time(), UTC)
    file = ImportedFile
    files = session.execute(
        select(col(file.source), col(file.imported_at), col(file.counts))
        .where(col(file.state) == "imported", col(file.imported_at) >= since)
        .order_by(col(file.id))
    )
    found: dict[str, dict[str, date]] = {}
    for source, at, counts in files:
        _note(found, source, counts or {"": {}}, at.astimezone(zone).date())
    pushed = ReceivedEvent
    events = session.execute(
        select(col(pushed.source), col(pushed.kind), func.max(col(pushed.at)))
        .where(col(pushed.at) >= since)
        .group_by(col(pushed.source), col(pushed.kind))
    )
    for source, kind, at in events:
        kinds = [name for start, name in _PUSHED.items() if kind.startswith(start)]
        _note(found, source, kinds, at.astimezone(zone).date())
    return found


def _note(found: dict[str, dict[str, date]], source: str, kinds: Iterable[str], day: date) -> None:
    days = found.setdefault(source, {})
    for kind in kinds:
        days[kind] = max(day, days.get(kind, day))

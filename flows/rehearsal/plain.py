"""A rehearsal as plain data: what `kamflow rehearse --json` prints."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from flows.rehearsal.findings import Rehearsed


def plain(found: Rehearsed) -> dict[str, Any]:
    """Only JSON types; days as ISO text."""
    return {
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "people": found.people,
        "items_a_day": found.items_a_day,
        "works_council": found.council,
        "carried": asdict(found.carried),
        "total": asdict(found.total),
        "months": {name: asdict(each) for name, each in found.months.items()},
        "rules": {name: {"opened": each.opened, "closed": each.closed} for name, each in found.rules.items()},
        "weeks": [week.isoformat() for week in found.weeks],
        "load": [asdict(row) for row in found.load],
        "not_shown": found.hidden,
        "days_over": {
            day.isoformat(): {"people": people, "items": items}
            for day, (people, items) in found.days_over.items()
        },
        "days_of_few": found.days_of_few,
        "approvals": _days(found.approvals),
        "hand_ins": _days(found.hand_ins),
        "plans": asdict(found.plans),
        "meetings": asdict(found.meetings),
        "surveys": {str(times): contacts for times, contacts in found.surveys.items()},
        "weeks_without": [week.isoformat() for week in found.quiet_weeks],
        "open": found.open,
        "overdue": found.overdue,
    }


def _days(counts: Mapping[date, int]) -> dict[str, int]:
    return {day.isoformat(): count for day, count in counts.items()}

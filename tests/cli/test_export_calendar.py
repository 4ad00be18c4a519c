"""`kamflow export calendar`: one's own due dates, and nobody else's."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import icalendar

from tests.acts.world import World
from tests.cli.conftest import Answer

Kamflow = Callable[..., Answer]


def test_everyone_exports_their_own_due_dates(
    kamflow: Kamflow, world: World, nudge: Callable[..., int], tmp_path: Path
) -> None:
    number = nudge(rule="annual_meeting", step="month", facts=MONTH)
    path = tmp_path / "x.ics"

    answer = kamflow("export", "calendar", "--as", "witt", "--out", path)

    assert (answer.code, answer.out.replace("\n", "")) == (0, str(path))
    [event] = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    assert event["UID"] == f"nudge.{number}@example.com"
    assert event["DTSTART"].dt == date(2026, 9, 11)


MONTH = {
    "year": {"first": "2026-01-01", "last": "2026-12-31"},
    "kind": "strategic",
    "meeting": None,
    "lapses": None,
}


def test_nobody_exports_what_somebody_else_has_open(kamflow: Kamflow, world: World, tmp_path: Path) -> None:
    path = tmp_path / "x.ics"
    others = kamflow("export", "calendar", "--as", "berg", "--person", "witt", "--out", path)
    nobodys = kamflow("export", "calendar", "--person", "witt", "--out", path)

    assert others.code == nobodys.code == 2
    assert "shown to nobody else" in others.err
    assert "say who acts (--as PERSON)" in nobodys.err
    assert not path.exists()

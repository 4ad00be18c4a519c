"""Files that come on stage: put into the drop folder, where the night's intake finds them."""

import os
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from kamflow.demo.company.build import as_csv
from kamflow.demo.stage import Stage

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//kamflow demo//DE
METHOD:PUBLISH
BEGIN:VEVENT
UID:demo-{key}-{day}@example.com
DTSTAMP:{stamp}
DTSTART;TZID=Europe/Berlin:{day}T100000
DTEND;TZID=Europe/Berlin:{day}T113000
SUMMARY:Abstimmung
STATUS:CONFIRMED
ORGANIZER:mailto:{ours}
ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ours}
{theirs}
END:VEVENT
END:VCALENDAR
"""


def calendar(stage: Stage, name: str, account: str, day: date, ours: str, theirs: Sequence[str]) -> None:
    """An export of somebody's calendar with one talk; people are addresses."""
    text = CALENDAR.format(
        key=account.lower(),
        day=f"{day:%Y%m%d}",
        stamp=f"{datetime(day.year, day.month, day.day, 9, tzinfo=UTC):%Y%m%dT%H%M%SZ}",
        ours=ours,
        theirs="\n".join(f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{address}" for address in theirs),
    )
    _drop(stage, "calendar", f"{name}.ics", text.replace("\n", "\r\n"))


def revenue(stage: Stage) -> None:
    """The entries that were not in the first file of SAP."""
    _drop(stage, "sap", "mapping.toml", 'preset = "kamflow"\n')
    _drop(stage, "sap", "revenue.csv", as_csv(stage.made.late))


def let_in(stage: Stage) -> None:
    """Say that a file shall go in although it is so much shorter than the last one."""
    _drop(stage, "sap", "revenue.csv.accept", "")


def _drop(stage: Stage, source: str, name: str, text: str) -> None:
    path: Path = stage.home.settings.home / "inbox" / source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    # Written now as the stage's clock has it: the intake leaves alone what may still be written.
    written = stage.clock().timestamp()
    os.utime(path, (written, written))

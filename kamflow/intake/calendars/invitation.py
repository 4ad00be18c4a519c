"""One meeting that came by mail (RFC 5546): a request books it, a later one moves it, CANCEL calls it off.

It is counted as from any other calendar, and under the same ids: what came by mail and what a file of the
same calendar says is one meeting. Nothing is left of one that concerns none of our contacts.
"""

import re
from collections import Counter
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from kamflow.intake import known
from kamflow.intake.calendars import importing
from kamflow.intake.calendars.importing import NOT_THEIRS
from kamflow.intake.calendars.scanning import RawEvent, scan_text
from kamflow.intake.context import Context
from kamflow.intake.presets import shelf
from kamflow.intake.readers.delimited import decode
from kamflow.intake.report import ImportReport
from kamflow.models.source import Source
from kamflow.settings import Company
from kamflow.store import encounters, events
from kamflow.store.engine import lock

PRESET = "calendar"
METHODS = frozenset({"REQUEST", "CANCEL"})
MOST_EVENTS = 50
NONE = "no invitation"  # what is counted of all else
PRIVATE, UNKNOWN = "private, unread", ("without a known contact", "without both sides")
_FILE = Path("invitation.ics")


def take(
    session: Session, content: bytes, now: datetime, company: Company, actor: int, domain: str
) -> Counter[str]:
    """Count the meetings of an invitation; how many are new, changed, unchanged, or left out and why.

    What kamflow itself invited to (its ids end with `domain`) comes back and is known already.

    Raises:
        Refused: it is no text.
    """
    calendar = scan_text(decode(_FILE, content))
    one = len(calendar.methods) == 1 and calendar.methods <= METHODS
    if not one or calendar.flaws or not 1 <= len(calendar.events) <= MOST_EVENTS:
        return Counter({NONE: 1})
    theirs = [each for each in calendar.events if not _ours(each, domain)]
    if len(theirs) < len(calendar.events):
        return Counter({"our own": 1})
    lock(session, encounters.LOCK)
    plan = shelf.preset(PRESET)
    if session.get(Source, plan.source) is None:
        session.add(Source(key=plan.source))
        session.flush()
    report = ImportReport(plan.source)
    ctx = Context(session, known.load(session, plan.source), report, company, now, {}, actor=actor)
    assert plan.calendar is not None  # noqa: S101 - the preset says so
    left_out = importing.take_message(ctx, plan.calendar, calendar)
    events.record_many(session, ctx.events)
    counts = report.counts["interactions"]
    counted = Counter({state: number for state, number in counts.items() if number})
    told = left_out if "REQUEST" in calendar.methods else Counter({NOT_THEIRS: left_out[NOT_THEIRS]})
    return counted + told


def _ours(event: RawEvent, domain: str) -> bool:
    own = re.compile(rf"UID(;[^:]*)?:\s*[0-9a-f]{{32}}@{re.escape(domain)}\s*", re.IGNORECASE)
    return any(own.fullmatch(line) for _, line in event.lines)

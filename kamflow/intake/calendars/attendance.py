"""Which people and contacts of a meeting count, and which do not."""

from collections.abc import Collection

from kamflow.intake.calendars.events import Attendee, Occurrence
from kamflow.intake.context import Context
from kamflow.intake.known import Names


def counted(ctx: Context, helpers: Collection[int], one: Occurrence, names: Names) -> tuple[int, ...]:
    """Known people or contacts who take part; `helpers` only arrange meetings for others."""
    present = (each for each in one.attendees if each.absent is None)
    found = {row for each in present if (row := _known(ctx, helpers, each, names)) is not None}
    return tuple(sorted(found))


def absent(ctx: Context, helpers: Collection[int], one: Occurrence) -> list[tuple[str, int, str]]:
    """Known people and contacts who do not count: (side, id, why)."""
    return [
        (side, row, each.absent)
        for each in one.attendees
        if each.absent is not None
        for side, names in (("person", ctx.known.people), ("contact", ctx.known.contacts))
        if (row := _known(ctx, helpers, each, names)) is not None
    ]


def _known(ctx: Context, helpers: Collection[int], attendee: Attendee, names: Names) -> int | None:
    found = names.by_email.get(attendee.address, set())
    if len(found) != 1:
        return None  # an address that several share names nobody
    row = next(iter(found))
    return None if attendee.organizer and names is ctx.known.people and row in helpers else row

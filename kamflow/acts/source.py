"""A source of data: who looks after it, what it is called, how old its data may be."""

from datetime import date

from kamflow.acts.acting import Acting
from kamflow.errors import InputError
from kamflow.models.source import Source
from kamflow.store import events

LONGEST = 3650  # days


def put(
    desk: Acting, key: str, *, owner: int | None, limit: int | None, no_limit: bool, name: str | None
) -> Source:
    """Change what is said of a source, known or new; what is None stays as it is.

    Raises:
        InputError: an age limit that is none.
    """
    if limit is not None and not 1 <= limit <= LONGEST:
        raise InputError(f"--age-limit {limit}: days, from 1 to {LONGEST}; --no-age-limit takes it away")
    source = desk.session.get(Source, key) or Source(key=key)
    source.owner_id = owner if owner is not None else source.owner_id
    source.name = name or source.name
    source.age_limit_days = None if no_limit else source.age_limit_days if limit is None else limit
    desk.session.add(source)
    desk.session.flush()
    events.record(
        desk.session,
        "source.set",
        desk.now,
        actor=desk.actor,
        owner=source.owner_id,
        limit=source.age_limit_days,
    )
    return source


def day_or_never(day: date | None) -> str:
    """The day on which data last came, as a list shows it."""
    return day.isoformat() if day else "never"

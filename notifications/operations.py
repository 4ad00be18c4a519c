"""Tell operations what is wrong and what is over, by mail and in their channel of Slack, once by each way.

A message that could not go out yet goes into the next one by its way: after an hour without a mail server one
mail says what was wrong meanwhile. It goes to operations whatever `delivery.mode` says: nothing in it is
about a customer, and whoever tries kamflow out wants to know, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session

from kamflow.errors import NotAllowed
from kamflow.settings import Settings
from kamflow.store import adopted, incidents, messages, told_operations
from kamflow.store import engine as db
from kamflow.store.incidents import Known
from notifications import links, outbox
from notifications.cadence.incidents import REFUSED, muted, to_say
from notifications.outbox import URGENT, NewMessage

__all__ = ("REFUSED", "tell", "try_again", "ways")  # what the watch looks at

TEMPLATE, PAGE = "incidents", "operations"
LATELY = timedelta(hours=12)
AGAIN = timedelta(hours=1)  # after a refusal: an address may have been mended, an app invited


def ways(settings: Settings) -> list[str]:
    """By which ways operations are told."""
    posted = settings.slack.token is not None and settings.operations.slack_channel
    return [*(["email"] if settings.operations_email else []), *(["slack"] if posted else [])]


def tell(engine: Engine, settings: Settings, now: datetime) -> int:
    """Put what operations do not know yet into the outbox, if it is time; how many incidents.

    A home that may not send (a copy) tells nothing.
    """
    with db.read(engine) as session:
        if not incidents.to_tell(session) or not adopted.is_adopted(session, settings.home):
            return 0
    with db.write(engine) as session:
        db.lock(session, "operations")
        said = _news(session, settings, now) if ways(settings) else []
        for way in ways(settings) if said else ():
            _write(session, way, said, settings, now)
        _tell_owners(session, said, settings, now)
        open_ones = [each.id for each in said if each.closed_at is None]
        incidents.told(session, open_ones, [each.id for each in said if each.closed_at is not None], now)
    return len(said)


def try_again(engine: Engine, settings: Settings, now: datetime) -> int:
    """Send the newest message that was refused once more, each hour; else only the next trouble would show
    that what was refused is taken again. How many.

    Not one whose words were deleted since, nor one that another process takes meanwhile.
    """
    with db.read(engine) as session:
        if not adopted.is_adopted(session, settings.home):
            return 0
        last = [told_operations.refused(session, way) for way in ways(settings)]
    due = [each.message for each in last if each is not None and each.due_at <= now - AGAIN]
    return sum(_again(engine, number, now) for number in due)


def _again(engine: Engine, number: int, now: datetime) -> bool:
    with suppress(NotAllowed), db.write(engine) as session:
        messages.retry(session, number, now)
        return True
    return False


def _news(session: Session, settings: Settings, now: datetime) -> list[Known]:
    def before(each: Known) -> int:
        return incidents.times(session, each.key, now - LATELY) - 1

    calm = timedelta(minutes=settings.operations.calm_minutes)
    return to_say(incidents.to_tell(session), incidents.last_told(session), now, calm, before)


def _write(session: Session, way: str, said: Iterable[Known], settings: Settings, now: datetime) -> None:
    """One message by one way, with what an earlier one could not bring there."""
    new = [_line(each, settings) for each in said if not muted(each, way)]
    if not new:
        return
    waiting = told_operations.unsent(session, way)
    lines = {line["id"]: line for facts in waiting.values() for line in facts["incidents"]}
    lines |= {line["id"]: line for line in new}
    for number in waiting:
        messages.cancel(session, number, told_operations.SUPERSEDED, now)
    page = links.internal_link(settings, PAGE)
    facts = {"incidents": list(lines.values()), "page": page}
    key = f"incidents:{max(lines)}:{now:%Y%m%dT%H%M%S}:{way}"
    outbox.add(session, NewMessage(key, "alert", way, TEMPLATE, facts, priority=URGENT), now)


def _line(incident: Known, settings: Settings) -> Mapping[str, Any]:
    """What a message says of an incident: ids and figures."""
    end, zone = incident.closed_at, ZoneInfo(settings.company.zone)
    return {
        **incident.facts,
        "id": incident.id,
        "kind": incident.kind,
        "about": incident.about,
        "since": incident.opened_at.astimezone(zone).isoformat(timespec="minutes"),
        "until": end.astimezone(zone).isoformat(timespec="minutes") if end else None,
        "minutes": round(incident.lasted(end) / timedelta(minutes=1)) if end else None,
    }


def _tell_owners(session: Session, said: Iterable[Known], settings: Settings, now: datetime) -> None:
    """Whoever looks after a source hears that its data is too old, and that it is back."""
    if settings.delivery.mode == "off":
        return
    for each, owner in _owned(session, said, now, settings):
        state = "back" if each.closed_at else "old"
        message = NewMessage(
            key=f"data-age:{each.id}:{state}",
            kind="notice",
            channel=outbox.channel(owner.channel, settings, content=True),
            template="data_age",
            facts={**each.facts, "state": state},
            person=owner.person,
        )
        outbox.add(session, message, now)


def _owned(
    session: Session, said: Iterable[Known], now: datetime, settings: Settings
) -> Iterator[tuple[Known, told_operations.Owner]]:
    today = now.astimezone(ZoneInfo(settings.company.zone)).date()
    for each in said:
        owner = told_operations.owner(session, each.about, today) if each.kind == "data" else None
        if owner is not None:
            yield each, owner

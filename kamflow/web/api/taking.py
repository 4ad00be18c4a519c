"""Take events: each once, whatever is sent again, in the transaction that carries it out."""

import hashlib
import json

from sqlmodel import Session

from kamflow.errors import InputError
from kamflow.store import encounters, received_events, rounds
from kamflow.store.engine import lock
from kamflow.web.api import problems
from kamflow.web.api.deeds import DEEDS
from kamflow.web.api.desk import Desk
from kamflow.web.api.envelope import Sent
from kamflow.web.api.events import Answer, AnyEvent
from kamflow.web.api.problems import Flaw, Problem
from kamflow.web.site import Site

VIA = "api"


def take(site: Site, source: str, sent: Sent) -> list[Answer]:
    """Carry out the events of a request: all of them or none.

    Raises:
        Problem: one is not taken; its pointer says which.
    """
    with site.writing(VIA) as session:
        received_events.hold(session, source, [name for each in sent.events for name in _names(each)])
        _lock(session, sent)
        desk = Desk(session, source, site.now(), site.settings.company)
        return [_one(desk, at, sent) for at in range(len(sent.events))]


def sender(event: AnyEvent) -> str:
    """What the sender calls an event: its id is unique within its `source` attribute only."""
    return f"{event.source} {event.id}"


def _names(event: AnyEvent) -> list[str]:
    """What two requests may not deal with at once: an event, and the sender's own id of what it is about."""
    about = getattr(event.data, "id", None)
    return [sender(event), *([] if about is None else [f"about {about}"])]


def digest(event: AnyEvent) -> str:
    """Tells one content from another; the hour at which it was sent again does not matter."""
    said = {"type": event.type, "data": event.data.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _lock(session: Session, sent: Sent) -> None:
    """In the order in which imports and acts take them, before the first row is read."""
    if len(sent.events) > 1:
        rounds.hold_all(session)
        lock(session, encounters.LOCK)


def _one(desk: Desk, at: int, sent: Sent) -> Answer:
    try:
        return _once(desk, sent.events[at])
    except InputError as error:
        raise (problems.of(error).at(f"/{at}") if sent.batch else problems.of(error)) from None
    except Problem as problem:
        raise (problem.at(f"/{at}") if sent.batch else problem) from None


def _once(desk: Desk, event: AnyEvent) -> Answer:
    known = received_events.find(desk.session, desk.source, sender(event))
    if known is not None:
        if known.digest != digest(event):
            what = "Another event was taken under this id."
            raise Problem("other-content", what, [Flaw("/id", "taken with another type or data")])
        return Answer.model_validate(known.answer)
    done = DEEDS[event.type](desk, event.data)
    answer = Answer(
        id=event.id,
        source=event.source,
        type=event.type,
        outcome="done" if done.changed else "already",
        kind=done.kind,
        number=done.number,
    )
    received_events.keep(
        desk.session, desk.source, sender(event), event.type, digest(event), desk.now, answer.kept()
    )
    return answer

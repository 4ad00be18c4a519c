"""The outbox: piles, why something did not arrive, one message with its history; send again, stop."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import RedirectResponse

from kamflow.acts.acting import Acting
from kamflow.errors import NotAllowed
from kamflow.models.message import MessageState
from kamflow.store import events, messages, outbox_listing, outbox_overview
from kamflow.store.outbox_listing import Again, Filter
from kamflow.store.outbox_overview import TRYING
from kamflow.web.operations.frame import shown
from kamflow.web.operations.gate import VIA, operator
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import Visitor

SIZE = 50  # messages on a page
BY_HAND = "cancelled by hand"
Word = Annotated[str | None, Query(max_length=80)]
Count = Annotated[int | None, Query(ge=0, le=1_000_000_000)]

router = APIRouter()


def _filter(channel: Word = None, state: Word = None, cause: Word = None) -> Filter:
    return Filter(channel, state, cause)


def _done(sent: Count = None, left: Count = None, after: Count = None) -> Again | None:
    """What the form that was sent last has done."""
    return None if sent is None else Again(sent, left or 0, after)


@router.get("/operations/outbox")
@router.head("/operations/outbox")
def outbox(
    wanted: Annotated[Filter, Depends(_filter)],
    done: Annotated[Again | None, Depends(_done)],
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(operator),
) -> Response:
    """Piles and causes, and the newest messages; or those of one pile or cause."""
    now = site.now()
    with site.reading() as session:
        piles = outbox_overview.counts(session, now)
        causes = outbox_overview.causes(session, now)
        found = outbox_listing.lines(session, wanted, now, page, SIZE)
    return shown(
        site,
        visitor,
        "operations/outbox.html.j2",
        piles=piles,
        causes=causes,
        lines=found[:SIZE],
        more=len(found) > SIZE,
        wanted=wanted,
        number=page,
        done=done,
        query=_query(wanted),
    )


@router.post("/operations/outbox")
def send_all_again(
    channel: Annotated[str, Form(max_length=80)] = "",
    state: Annotated[str, Form(max_length=80)] = "",
    cause: Annotated[str, Form(max_length=80)] = "",
    after: Annotated[int, Form(ge=0)] = 0,
    site: Site = Depends(site_of),
    visitor: Visitor = Depends(operator),
) -> Response:
    """Send again what did not arrive for one cause; many hundreds in several steps."""
    wanted = Filter(channel, state, cause)
    if state not in (MessageState.FAILED, *TRYING):
        raise NotAllowed("only what did not arrive is sent again")
    with site.acting(visitor.person, VIA) as acting:
        done = outbox_listing.again(acting.session, wanted, after, acting.actor, acting.now)
    told = urlencode({"sent": done.sent, "left": done.left})
    if done.after is not None:
        told = f"{_query(wanted)}&{told}&after={done.after}"
    return RedirectResponse(f"/operations/outbox?{told}", 303)


@router.get("/operations/outbox/{message}")
@router.head("/operations/outbox/{message}")
def one(message: int, site: Site = Depends(site_of), visitor: Visitor = Depends(operator)) -> Response:
    """One message: its states, never what it says."""
    return _shown(site, visitor, message)


@router.post("/operations/outbox/{message}/retry")
def retry(message: int, site: Site = Depends(site_of), visitor: Visitor = Depends(operator)) -> Response:
    """Send a message again."""
    try:
        with site.acting(visitor.person, VIA) as acting:
            messages.retry(acting.session, message, acting.now)
            _note(acting, "message.retried", message)
    except NotAllowed:
        return _shown(site, visitor, message, refused="retry")
    return RedirectResponse(f"/operations/outbox/{message}", 303)


@router.post("/operations/outbox/{message}/cancel")
def cancel(message: int, site: Site = Depends(site_of), visitor: Visitor = Depends(operator)) -> Response:
    """Stop a message that has not been sent."""
    try:
        with site.acting(visitor.person, VIA) as acting:
            messages.cancel(acting.session, message, BY_HAND, acting.now)
            _note(acting, "message.cancelled", message)
    except NotAllowed:
        return _shown(site, visitor, message, refused="cancel")
    return RedirectResponse(f"/operations/outbox/{message}", 303)


def _shown(site: Site, visitor: Visitor, message: int, refused: str | None = None) -> Response:
    with site.reading() as session:
        listed, steps = messages.show(session, message)
    return shown(
        site,
        visitor,
        "operations/message.html.j2",
        200 if refused is None else 409,
        message=listed,
        steps=steps,
        refused=refused,
        can_retry=listed.state in (*messages.DUE, *messages.ENDED_UNSENT),
        can_cancel=listed.state in messages.DUE,
    )


def _note(acting: Acting, name: str, message: int) -> None:
    events.record(acting.session, name, acting.now, actor=acting.actor, message=message)


def _query(wanted: Filter) -> str:
    said = {"channel": wanted.channel, "state": wanted.state, "cause": wanted.cause}
    return urlencode({name: value for name, value in said.items() if value is not None})

"""Sign in by a link: typed an address, got a message, one click. Signing out is a click as well.

The answer to an address is the same page in the same time, whether anybody has it: what follows from it is
done after the answer has left.
"""

from datetime import datetime
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from starlette.background import BackgroundTask

from kamflow.acts import revoke as revoking
from kamflow.store import sign_ins, visits
from kamflow.store.sign_ins import Asked
from kamflow.web import guesses, limits, visitor
from kamflow.web.pages import asked_for, page
from kamflow.web.refusals import refused
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import SIGN_IN, Visitor, own_path
from notifications import links, sign_in_link
from notifications.links import ExpiredLink, Signed
from notifications.render import speech

NAME = "sign-in"
VIA = "link"
LONGEST = 254  # characters of an e-mail address

log = structlog.get_logger()
router = APIRouter()


@router.get(SIGN_IN)
@router.head(SIGN_IN)
def form(request: Request, next: str = "/", site: Site = Depends(site_of)) -> Response:  # noqa: A002
    """Where somebody types their address; who is signed in goes on."""
    if visitor.visitor_of(request, site) is not None:
        return RedirectResponse(own_path(next), 303)
    return _page(request, site, "form", next=own_path(next))


@router.post(SIGN_IN)
def ask(
    request: Request,
    email: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
    site: Site = Depends(site_of),
) -> Response:
    """Send a link to the address, should somebody of ours have it."""
    if not site.limits.hit(limits.ASKED_BY, NAME, guesses.who(request)):
        return refused(request, "slow", 429)
    address = email.strip().lower()
    fit = 0 < len(address) <= LONGEST and site.limits.hit(limits.ASKED_FOR, NAME, links.hashed(address))
    follow = BackgroundTask(_send, site, address, own_path(next)) if fit else None
    return RedirectResponse(f"{SIGN_IN}/sent", 303, background=follow)


def _send(site: Site, address: str, return_to: str) -> None:
    with site.reading() as session:
        person = sign_ins.by_email(session, address, site.today)
    if person is None:
        log.info("sign_in.address_unknown")
        return
    with site.writing(VIA) as session:
        sign_in_link.send(session, person, site.now(), site.settings, return_to)


@router.get(f"{SIGN_IN}/sent")
@router.head(f"{SIGN_IN}/sent")
def sent(request: Request, site: Site = Depends(site_of)) -> Response:
    """What is said after every address."""
    return _page(request, site, "sent")


@router.get(SIGN_IN + "/{token}")
@router.head(SIGN_IN + "/{token}")
def look(request: Request, token: str, site: Site = Depends(site_of)) -> Response:
    """Say who would be signed in; nothing happens by looking."""
    asked = _asked(request, site, token)
    if isinstance(asked, Asked) and asked.used_at is None:
        return _page(request, site, "confirm", asked=asked)
    return _over(request, site, asked)


@router.post(SIGN_IN + "/{token}")
def enter(request: Request, token: str, site: Site = Depends(site_of)) -> Response:
    """Sign this browser in, once for each link."""
    asked = _asked(request, site, token)
    if not isinstance(asked, Asked):
        return _over(request, site, asked)
    before = visitor.visitor_of(request, site)
    with site.writing(VIA) as session:
        if not sign_ins.use(session, asked.number, site.now()):
            return _over(request, site, asked)
        if before is not None:
            visits.end(session, before.session, site.now())
        cookie = visitor.begin(site, session, asked.person, "link")
    answer = RedirectResponse(own_path(asked.return_to), 303)
    visitor.keep(site, answer, cookie)
    return answer


@router.post("/sign-out")
def leave(request: Request, site: Site = Depends(site_of)) -> Response:
    """Sign this browser out; whoever is not signed in is so already."""
    before = visitor.visitor_of(request, site)
    if before is not None:
        with site.writing("page") as session:
            visits.end(session, before.session, site.now())
    answer = RedirectResponse(SIGN_IN, 303)
    visitor.forget(site, answer)
    return answer


@router.post("/sign-out/everywhere")
def leave_everywhere(site: Site = Depends(site_of), here: Visitor = Depends(visitor.signed_in)) -> Response:
    """Sign out in every browser, and make every link worthless that was sent until now."""
    with site.acting(here.person, "page") as desk:
        revoking.revoke(desk)
    answer = RedirectResponse(SIGN_IN, 303)
    visitor.forget(site, answer)
    return answer


def _asked(request: Request, site: Site, token: str) -> Asked | ExpiredLink | None:
    """The sign-in that a token stands for; an old link of ours is no guess, None one of a test run.

    Raises:
        BadLink: not made here, or revoked; TooManyGuesses: this address has shown too many of these.
    """
    with guesses.counted(request, site, NAME):
        try:
            said = links.opened(links.secret(site.settings), NAME, token, site.now())
        except ExpiredLink as error:
            return error
        return _found(site, said)


def _found(site: Site, said: Signed) -> Asked | None:
    if said.version == sign_in_link.TRYING_OUT:
        return None
    with site.reading() as session:
        found = sign_ins.find(session, said.about, site.today)
    if found is None or (found.person, found.links_version, _seconds(found.ends_at)) != (
        said.person,
        said.version,
        _seconds(said.until),
    ):
        raise links.BadLink("this link was revoked")
    return found


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _over(request: Request, site: Site, asked: Asked | ExpiredLink | None) -> Response:
    """A link that was used, has run out, or went to somebody else in a test run: the way on."""
    if asked is None:
        return _page(request, site, "trial", 403)
    here = visitor.visitor_of(request, site)
    return _page(request, site, "over", 410, used=isinstance(asked, Asked), here=_of(asked, here))


def _of(asked: Asked | ExpiredLink, here: Visitor | None) -> Visitor | None:
    """The visitor, where the link was theirs: they have what they want."""
    return here if here and isinstance(asked, Asked) and here.person == asked.person else None


def _page(request: Request, site: Site, name: str, status: int = 200, **values: Any) -> Response:
    language = speech.addressed(asked_for(request, site), site.settings.company.colleagues)
    asked = values.get("asked")
    if isinstance(asked, Asked):
        language = speech.addressed(asked.language, site.settings.company.colleagues)
    oidc = site.settings.web.oidc
    return page(
        site,
        f"sign_in/{name}.html.j2",
        language,
        status,
        minutes=sign_in_link.MINUTES,
        sso=oidc.name if oidc.issuer else None,
        **values,
    )

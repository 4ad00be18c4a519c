"""Sign in with the company's own accounts: away to the issuer, and back with its proof.

State, nonce and the key to the code (PKCE) wait in a signed cookie of this browser for some minutes; nothing
of it is stored. The call-back is the one GET that writes: it makes the session.
"""

import hashlib
import hmac
import secrets
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from itsdangerous import BadData, URLSafeSerializer

from kamflow import outward
from kamflow.errors import NotFound
from kamflow.models.person import Person
from kamflow.store import sign_ins, visits
from kamflow.web import visitor
from kamflow.web.oidc.issuer import Asked, Issuer, IssuerDown, NotProved
from kamflow.web.pages import asked_for, page
from kamflow.web.site import Site, site_of
from kamflow.web.visitor import own_path
from notifications import links
from notifications.render import speech

AWAY = timedelta(minutes=10)
PATH = "/oidc"

log = structlog.get_logger()
router = APIRouter()


@router.get(PATH)
def go(request: Request, next: str = "/", site: Site = Depends(site_of)) -> Response:  # noqa: A002
    """Away to the issuer. Its answer keeps a cookie, so a HEAD is not answered."""
    issuer = _issuer(request, site)
    asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)))
    try:
        answer = RedirectResponse(issuer.door(asked, _back(site)), 303)
    except IssuerDown:
        return _trouble(request, site, "down", next)
    _keep(site, answer, asked, own_path(next))
    return answer


@router.get(f"{PATH}/back")
def back(request: Request, state: str = "", code: str = "", site: Site = Depends(site_of)) -> Response:
    """Back from the issuer: check what it says, and sign the browser in."""
    issuer, kept = _issuer(request, site), _kept(request, site)
    if kept is None or not hmac.compare_digest(kept[0].state.encode(), state.encode()):
        return _trouble(request, site, "state", "/")
    asked, return_to = kept
    if not code:
        return _trouble(request, site, "refused", return_to)
    try:
        email = issuer.email(code, asked, _back(site), site.now())
    except IssuerDown:
        return _trouble(request, site, "down", return_to)
    except NotProved as error:
        return _trouble(request, site, "refused", return_to, str(error))
    with site.reading() as session:
        person = sign_ins.by_email(session, email, site.today)
    if person is None:
        return _trouble(request, site, "unknown", return_to)
    return _entered(request, site, person, return_to)


def _entered(request: Request, site: Site, person: Person, return_to: str) -> Response:
    before = visitor.visitor_of(request, site)
    with site.writing("page") as session:
        if before is not None:
            visits.end(session, before.session, site.now())
        cookie = visitor.begin(site, session, person.id or 0, "oidc")
    answer = RedirectResponse(return_to, 303)
    visitor.keep(site, answer, cookie)
    answer.delete_cookie(_cookie(site), path="/", secure=visitor.https(site), httponly=True, samesite="lax")
    return answer


def _issuer(request: Request, site: Site) -> Issuer:
    """The issuer, one for this process, so that its keys are kept (NotFound where there is none).

    Where it is to lead back to is said by us: a Host header could name another place.
    """
    knobs = site.settings.web.oidc
    if knobs.issuer is None or knobs.client_id is None or site.settings.web.internal_url is None:
        raise NotFound("no issuer is set up")
    state = request.app.state
    if getattr(state, "issuer", None) is None:
        state.issuer = Issuer(knobs, outward.way(site.settings))
    return state.issuer


def _back(site: Site) -> str:
    base = site.settings.web.internal_url or ""
    return f"{base.rstrip('/')}{PATH}/back"


def _keep(site: Site, answer: Response, asked: Asked, return_to: str) -> None:
    until = int((site.now() + AWAY).timestamp())
    said = _serializer(site).dumps([*astuple(asked), until, return_to])
    name, seconds = _cookie(site), int(AWAY.total_seconds())
    answer.set_cookie(
        name, str(said), seconds, path="/", secure=visitor.https(site), httponly=True, samesite="lax"
    )


def _kept(request: Request, site: Site) -> tuple[Asked, str] | None:
    try:
        said = _serializer(site).loads(request.cookies.get(_cookie(site), ""))
        state, nonce, verifier, until, return_to = said
    except (BadData, ValueError, TypeError):
        return None
    if datetime.fromtimestamp(until, UTC) <= site.now():
        return None
    return Asked(state, nonce, verifier), own_path(return_to)


def _cookie(site: Site) -> str:
    return f"{visitor.cookie_name(site)}-oidc"


def _serializer(site: Site) -> URLSafeSerializer:
    return URLSafeSerializer(
        links.secret(site.settings), salt="kamflow oidc", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _trouble(request: Request, site: Site, kind: str, return_to: str, why: str = "") -> Response:
    """Say what went wrong, with the link by mail as the way on; nothing was changed."""
    log.warning("oidc.refused", kind=kind, why=why)
    language = speech.addressed(asked_for(request, site), site.settings.company.colleagues)
    status = {"down": 503, "unknown": 403}.get(kind, 400)
    name = site.settings.web.oidc.name
    further = own_path(return_to)
    answer = page(site, "sign_in/trouble.html.j2", language, status, trouble=kind, name=name, next=further)
    if kind != "down":
        answer.delete_cookie(
            _cookie(site), path="/", secure=visitor.https(site), httponly=True, samesite="lax"
        )
    return answer

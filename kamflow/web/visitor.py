"""Who visits a page: a browser that signed in shows a random token, of which only the hash is stored.

A GET never writes: a session has an end that nothing prolongs.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, unquote, urlsplit

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.routing import Match

from kamflow.store import visits
from kamflow.web.site import Site, site_of
from notifications.links import hashed
from notifications.render import speech

SIGN_IN = "/sign-in"
LONGEST = 300  # characters of a path to come back to
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Visitor:
    """A signed-in person. `language` has the form of address; `session`: the id of the browser's one."""

    person: int
    name: str
    language: str
    roles: frozenset[str]
    session: int


class NotSignedIn(Exception):
    """A page asks for somebody, and nobody is signed in."""


def add(app: FastAPI) -> None:
    """Send browsers that are not signed in to where they can do so."""
    app.add_exception_handler(NotSignedIn, _to_sign_in)


def signed_in(request: Request, site: Site = Depends(site_of)) -> Visitor:
    """The visitor of a page (`Depends(signed_in)`).

    Raises:
        NotSignedIn: answered with a redirect to the sign-in.
    """
    found = visitor_of(request, site)
    if found is None:
        raise NotSignedIn
    return found


def visitor_of(request: Request, site: Site) -> Visitor | None:
    """The visitor, where there is one."""
    token = request.cookies.get(cookie_name(site))
    if not token:
        return None
    with site.reading() as session:
        found = visits.find(session, hashed(token), site.now(), site.today)
    if found is None:
        return None
    language = speech.addressed(found.language, site.settings.company.colleagues)
    return Visitor(found.person, found.name, language, found.roles, found.number)


def begin(site: Site, session: Session, person: int, how: str) -> str:
    """Sign a browser in as a person and return the token for its cookie; it is stored nowhere."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), site.now()
    until = now + timedelta(hours=site.settings.web.session_hours)
    visits.begin(session, person, hashed(token), how, now, until)
    return token


def keep(site: Site, answer: Response, token: str) -> None:
    """Let the browser keep its token."""
    seconds = site.settings.web.session_hours * 3600
    answer.set_cookie(
        cookie_name(site),
        token,
        max_age=seconds,
        path="/",
        secure=https(site),
        httponly=True,
        samesite="lax",
    )


def forget(site: Site, answer: Response) -> None:
    """Let the browser forget its token."""
    answer.delete_cookie(cookie_name(site), path="/", secure=https(site), httponly=True, samesite="lax")


def cookie_name(site: Site) -> str:
    """With https a name that browsers take from this very host only, and over https only."""
    return "__Host-kamflow" if https(site) else "kamflow"


def own_path(text: str | None) -> str:
    """A path of ours to go to, else the first page: what could lead elsewhere is not followed."""
    path = text or "/"
    plain = unquote(path)
    fit = path.startswith("/") and len(path) <= LONGEST and path.isascii() and path.isprintable()
    if not fit or plain.startswith(("//", "/\\")) or "\\" in plain or " " in path:
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path


def https(site: Site) -> bool:
    """Whether people reach our pages by https."""
    return (site.settings.web.internal_url or "").startswith("https:")


def _to_sign_in(request: Request, _error: Exception) -> Response:
    path = request.url.path
    if request.method not in ("GET", "HEAD"):
        path = path if _is_page(request) else "/"
    elif request.url.query:
        path = f"{path}?{request.url.query}"
    return RedirectResponse(f"{SIGN_IN}?next={quote(own_path(path), safe='/')}", 303)


def _is_page(request: Request) -> bool:
    """Whether the address a form was sent to can be opened as well."""
    scope = {**request.scope, "method": "GET"}
    return any(route.matches(scope)[0] == Match.FULL for route in request.app.routes)
